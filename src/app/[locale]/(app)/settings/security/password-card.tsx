"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useRef } from "react";
import { PasswordInput } from "@/app/[locale]/(auth)/password-input";
import { useAuthForm, useProblemText } from "@/app/[locale]/(auth)/use-auth-form";
import { authClient } from "@/auth/client";
import { newPasswordProblem, PASSWORD_LENGTH } from "@/auth/field-problems";
import { toast } from "@/components/toast";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Card, CardHeader } from "@/components/ui/card";
import { Field } from "@/components/ui/field";
import { LinkButton } from "@/components/ui/link-button";

export function PasswordCard({ hasPassword }: { hasPassword: boolean }) {
  const t = useTranslations("settings.password");
  return (
    <Card>
      <CardHeader title={t("title")} description={hasPassword ? t("text") : t("none")} />
      {hasPassword ? (
        <ChangePasswordForm />
      ) : (
        <LinkButton href="/forgot-password">{t("set")}</LinkButton>
      )}
    </Card>
  );
}

function ChangePasswordForm() {
  const t = useTranslations("settings.password");
  const auth = useTranslations("auth");
  const problemText = useProblemText();
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const { problems, pending, onSubmit } = useAuthForm({
    fields: ["currentPassword", "password"],
    check: ({ currentPassword, password }) => ({
      currentPassword: currentPassword === "" ? "password_missing" : null,
      password: newPasswordProblem(password),
    }),
    send: ({ currentPassword, password }) =>
      authClient.changePassword({ currentPassword, newPassword: password }),
    onDone: () => {
      form.current?.reset();
      toast.success(t("changed"));
      // The server has signed out the other devices. Refresh their list.
      router.refresh();
      return false;
    },
  });
  return (
    <form ref={form} method="post" onSubmit={onSubmit} noValidate className="grid gap-5">
      {problems.form && <Alert tone="destructive">{problemText(problems.form)}</Alert>}
      <Field label={t("current")} error={problemText(problems.currentPassword)} required>
        <PasswordInput name="currentPassword" autoComplete="current-password" />
      </Field>
      <Field
        label={auth("newPassword")}
        hint={auth("passwordHint", PASSWORD_LENGTH)}
        error={problemText(problems.password)}
        required
      >
        <PasswordInput name="password" autoComplete="new-password" />
      </Field>
      <Button type="submit" pending={pending} className="justify-self-start">
        {t("change")}
      </Button>
    </form>
  );
}
