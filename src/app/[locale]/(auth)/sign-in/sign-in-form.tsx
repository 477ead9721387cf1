"use client";

import dynamic from "next/dynamic";
import { useTranslations } from "next-intl";
import { useRef, useState } from "react";
import { authClient } from "@/auth/client";
import { emailProblem } from "@/auth/field-problems";
import { useFormDraft } from "@/components/form-draft";
import { Link } from "@/components/link";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { PasswordInput } from "../password-input";
import { useAuthForm, useProblemText } from "../use-auth-form";
import { usePasskeySignIn } from "./use-passkey-sign-in";

const SecondStep = dynamic(() => import("./second-step").then((module) => module.SecondStep));

/** The password, and then a code if the account has an authenticator app. */
export function SignInForm({ destination }: { destination: string }) {
  const [needsCode, setNeedsCode] = useState(false);
  const open = () => window.location.assign(destination);
  if (needsCode) return <SecondStep onDone={open} onBack={() => setNeedsCode(false)} />;
  return <FirstStep onDone={open} onCode={() => setNeedsCode(true)} />;
}

function FirstStep({ onDone, onCode }: { onDone: () => void; onCode: () => void }) {
  const t = useTranslations("auth");
  const problemText = useProblemText();
  const draft = useFormDraft(useRef<HTMLFormElement>(null), "sign-in");
  const { problems, pending, onSubmit } = useAuthForm({
    fields: ["email", "password"],
    check: ({ email, password }) => ({
      email: emailProblem(email),
      password: password === "" ? "password_missing" : null,
    }),
    send: ({ email, password }) => authClient.signIn({ email: email.trim(), password }),
    onDone: (_, data) => {
      if (data?.twoFactorRedirect === true) onCode();
      else onDone();
      return true;
    },
  });
  const passkey = usePasskeySignIn(onDone);
  const problem = problems.form ?? passkey.problem;
  return (
    <form {...draft} method="post" onSubmit={onSubmit} noValidate className="grid gap-5">
      {problem && <Alert tone="destructive">{problemText(problem)}</Alert>}
      <Field label={t("email")} error={problemText(problems.email)} required>
        <Input name="email" type="email" autoComplete="email webauthn" inputMode="email" />
      </Field>
      <Field label={t("password")} error={problemText(problems.password)} required>
        <PasswordInput name="password" autoComplete="current-password" />
      </Field>
      <Button type="submit" variant="primary" pending={pending}>
        {t("signIn.submit")}
      </Button>
      <Button pending={passkey.pending} onClick={passkey.signIn}>
        {t("signIn.passkey")}
      </Button>
      <Link
        href="/forgot-password"
        className="justify-self-center text-sm underline underline-offset-4"
      >
        {t("signIn.forgot")}
      </Link>
    </form>
  );
}
