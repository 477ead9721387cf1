"use client";

import { useLocale, useTranslations } from "next-intl";
import { useRef } from "react";
import { authClient } from "@/auth/client";
import {
  emailProblem,
  nameProblem,
  newPasswordProblem,
  PASSWORD_LENGTH,
} from "@/auth/field-problems";
import { useFormDraft } from "@/components/form-draft";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { browserTimeZone } from "../browser-time-zone";
import { PasswordInput } from "../password-input";
import { useAuthForm, useProblemText } from "../use-auth-form";

export function SignUpForm({ destination }: { destination: string }) {
  const t = useTranslations("auth");
  const locale = useLocale();
  const problemText = useProblemText();
  const draft = useFormDraft(useRef<HTMLFormElement>(null), "sign-up");
  const { problems, pending, onSubmit } = useAuthForm({
    fields: ["name", "email", "password"],
    check: ({ name, email, password }) => ({
      name: nameProblem(name),
      email: emailProblem(email),
      password: newPasswordProblem(password),
    }),
    send: ({ name, email, password }) =>
      authClient.signUp({
        name: name.trim(),
        email: email.trim(),
        password,
        locale,
        timeZone: browserTimeZone(),
      }),
    onDone: () => {
      window.location.assign(destination);
      return true;
    },
  });
  return (
    <form {...draft} method="post" onSubmit={onSubmit} noValidate className="grid gap-5">
      {problems.form && <Alert tone="destructive">{problemText(problems.form)}</Alert>}
      <Field label={t("name")} error={problemText(problems.name)} required>
        <Input name="name" autoComplete="name" />
      </Field>
      <Field label={t("email")} error={problemText(problems.email)} required>
        <Input name="email" type="email" autoComplete="email" inputMode="email" />
      </Field>
      <Field
        label={t("password")}
        hint={t("passwordHint", PASSWORD_LENGTH)}
        error={problemText(problems.password)}
        required
      >
        <PasswordInput name="password" autoComplete="new-password" />
      </Field>
      <Button type="submit" variant="primary" pending={pending}>
        {t("signUp.submit")}
      </Button>
    </form>
  );
}
