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
import type { CaptchaWidget } from "@/lib/captcha";
import { browserTimeZone } from "../browser-time-zone";
import { PasswordInput } from "../password-input";
import { useAuthForm, useProblemText } from "../use-auth-form";
import { Captcha, type CaptchaHandle } from "./captcha";

export function SignUpForm({
  destination,
  captcha,
}: {
  destination: string;
  captcha: CaptchaWidget | null;
}) {
  const t = useTranslations("auth");
  const locale = useLocale();
  const problemText = useProblemText();
  const check = useRef<CaptchaHandle>(null);
  const draft = useFormDraft(useRef<HTMLFormElement>(null), "sign-up");
  const { problems, pending, onSubmit } = useAuthForm({
    fields: ["name", "email", "password"],
    check: ({ name, email, password }) => ({
      name: nameProblem(name),
      email: emailProblem(email),
      password: newPasswordProblem(password),
    }),
    send: async ({ name, email, password }) => {
      const result = await authClient.signUp({
        name: name.trim(),
        email: email.trim(),
        password,
        locale,
        timeZone: browserTimeZone(),
        captchaToken: check.current?.token() ?? null,
      });
      // A token is valid once.
      if (result.error !== null) check.current?.reset();
      return result;
    },
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
      {captcha && <Captcha ref={check} widget={captcha} />}
      <Button type="submit" variant="primary" pending={pending}>
        {t("signUp.submit")}
      </Button>
    </form>
  );
}
