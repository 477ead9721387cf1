"use client";

import { useLocale, useTranslations } from "next-intl";
import { authClient } from "@/auth/client";
import { newPasswordProblem, PASSWORD_LENGTH } from "@/auth/field-problems";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { LinkButton } from "@/components/ui/link-button";
import { localePath } from "@/lib/locales";
import { PasswordInput } from "../password-input";
import { useAuthForm, useProblemText } from "../use-auth-form";

export function ResetPasswordForm({ token }: { token: string }) {
  const t = useTranslations("auth");
  const locale = useLocale();
  const problemText = useProblemText();
  const { problems, pending, onSubmit } = useAuthForm({
    fields: ["password"],
    check: ({ password }) => ({ password: newPasswordProblem(password) }),
    send: ({ password }) => authClient.resetPassword({ newPassword: password, token }),
    onDone: () => {
      // `replace`, because the token is used and Back must not return to it.
      window.location.replace(localePath(locale, "/sign-in?reset=done"));
      return true;
    },
  });
  return (
    <form method="post" onSubmit={onSubmit} noValidate className="grid gap-5">
      {problems.form && (
        <Alert
          tone="destructive"
          action={
            problems.form.code === "link_invalid" && (
              <LinkButton href="/forgot-password" size="sm">
                {t("resetPassword.newLink")}
              </LinkButton>
            )
          }
        >
          {problemText(problems.form)}
        </Alert>
      )}
      <Field
        label={t("newPassword")}
        hint={t("passwordHint", PASSWORD_LENGTH)}
        error={problemText(problems.password)}
        required
      >
        <PasswordInput name="password" autoComplete="new-password" />
      </Field>
      <Button type="submit" variant="primary" pending={pending}>
        {t("resetPassword.submit")}
      </Button>
    </form>
  );
}
