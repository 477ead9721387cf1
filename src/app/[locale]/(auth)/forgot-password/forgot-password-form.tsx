"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { authClient } from "@/auth/client";
import { emailProblem } from "@/auth/field-problems";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useAuthForm } from "../use-auth-form";
import { useProblemText } from "../use-problem-text";

/** Asks for the mail with the link. The answer is the same whether or not the address is known. */
export function ForgotPasswordForm() {
  const t = useTranslations("auth");
  const say = useProblemText();
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
    <form method="post" onSubmit={onSubmit} noValidate className="grid gap-5">
      {problems.form && <Alert tone="destructive">{say(problems.form)}</Alert>}
      {sentTo !== null && problems.form === undefined && (
        <Alert tone="success" title={t("forgotPassword.sentTitle")}>
          {t("forgotPassword.sentText", { email: sentTo })}
        </Alert>
      )}
      <Field label={t("email")} error={say(problems.email)} required>
        <Input name="email" type="email" autoComplete="email" inputMode="email" />
      </Field>
      <Button type="submit" variant="primary" pending={pending}>
        {t(sentTo === null ? "forgotPassword.submit" : "forgotPassword.again")}
      </Button>
    </form>
  );
}
