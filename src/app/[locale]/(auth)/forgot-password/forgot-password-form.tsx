"use client";

import { useTranslations } from "next-intl";
import { useRef, useState } from "react";
import { authClient } from "@/auth/client";
import { emailProblem } from "@/auth/field-problems";
import { useFormDraft } from "@/components/form-draft";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useAuthForm, useProblemText } from "../use-auth-form";

/** Requests the reset email. The response does not reveal whether the address is known. */
export function ForgotPasswordForm() {
  const t = useTranslations("auth");
  const problemText = useProblemText();
  const draft = useFormDraft(useRef<HTMLFormElement>(null), "forgot-password");
  const [sentTo, setSentTo] = useState<string | null>(null);
  const { problems, pending, onSubmit } = useAuthForm({
    fields: ["email"],
    check: ({ email }) => ({ email: emailProblem(email) }),
    send: ({ email }) => authClient.requestPasswordReset({ email: email.trim() }),
    onDone: ({ email }) => {
      setSentTo(email.trim());
      return false;
    },
  });
  return (
    <form {...draft} method="post" onSubmit={onSubmit} noValidate className="grid gap-5">
      {problems.form && <Alert tone="destructive">{problemText(problems.form)}</Alert>}
      {sentTo !== null && problems.form === undefined && (
        <Alert tone="success" title={t("forgotPassword.sentTitle")}>
          {t("forgotPassword.sentText", { email: sentTo })}
        </Alert>
      )}
      <Field label={t("email")} error={problemText(problems.email)} required>
        <Input name="email" type="email" autoComplete="email" inputMode="email" />
      </Field>
      <Button type="submit" variant="primary" pending={pending}>
        {t(sentTo === null ? "forgotPassword.submit" : "forgotPassword.again")}
      </Button>
    </form>
  );
}
