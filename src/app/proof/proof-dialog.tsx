"use client";

import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import { PasswordInput } from "@/app/[locale]/(auth)/password-input";
import { useAuthForm, useProblemText } from "@/app/[locale]/(auth)/use-auth-form";
import { type AuthResult, authClient } from "@/auth/client";
import { Alert } from "@/components/ui/alert";
import { Button } from "@/components/ui/button";
import { Dialog, DialogActions } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { useServerAction } from "@/components/use-server-action";
import { localePath } from "@/lib/locales";
import { confirmPassword } from "./actions";
import { CodeInput } from "./code-input";

/** What the user can confirm with. */
export interface ProofMethods {
  readonly password: boolean;
  /** An authenticator app, and with it the backup codes. */
  readonly code: boolean;
  readonly passkey: boolean;
}

type Method = "passkey" | "code" | "backupCode" | "password";

/** Asks for a passkey, a code or the password. `onDone` receives false when the user cancels. */
export function ProofDialog({
  methods,
  onDone,
}: {
  methods: ProofMethods;
  onDone: (isProved: boolean) => void;
}) {
  const t = useTranslations("security.proof");
  const available: Method[] = [];
  if (methods.passkey) available.push("passkey");
  if (methods.code) available.push("code");
  if (methods.password) available.push("password");
  if (methods.code) available.push("backupCode");
  const [chosen, setChosen] = useState(available[0]);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onDone(false)}
      title={t("title")}
      description={chosen === undefined ? t("signInAgain") : t(`${chosen}.text`)}
    >
      {chosen === undefined ? (
        <SignInAgain />
      ) : chosen === "passkey" ? (
        <PasskeyProof onDone={() => onDone(true)} />
      ) : (
        <ProofForm key={chosen} method={chosen} onDone={() => onDone(true)} />
      )}
      <div className="mt-4 grid justify-items-start gap-2">
        {available
          .filter((method) => method !== chosen)
          .map((method) => (
            <Button key={method} variant="link" size="sm" onClick={() => setChosen(method)}>
              {t(`${method}.choose`)}
            </Button>
          ))}
      </div>
    </Dialog>
  );
}

function PasskeyProof({ onDone }: { onDone: () => void }) {
  const t = useTranslations("security.proof");
  const problemText = useProblemText();
  const { problems, pending, onSubmit } = useAuthForm({
    fields: [],
    check: () => ({}),
    send: () => authClient.confirmPasskey(),
    onDone: () => {
      onDone();
      return true;
    },
  });
  return (
    <form method="post" onSubmit={onSubmit} noValidate className="grid gap-4">
      {problems.form && <Alert tone="destructive">{problemText(problems.form)}</Alert>}
      <DialogActions>
        <Button type="submit" variant="primary" pending={pending}>
          {t("passkey.submit")}
        </Button>
      </DialogActions>
    </form>
  );
}

type TypedMethod = Exclude<Method, "passkey">;

function ProofForm({ method, onDone }: { method: TypedMethod; onDone: () => void }) {
  const t = useTranslations("security.proof");
  const problemText = useProblemText();
  const prove = useProve();
  const isPassword = method === "password";
  const field = isPassword ? "currentPassword" : "code";
  const { problems, pending, onSubmit } = useAuthForm({
    fields: [field],
    check: (values) => {
      const missing = isPassword ? "password_missing" : "code_missing";
      return { currentPassword: null, code: null, [field]: values[field] === "" ? missing : null };
    },
    send: (values) => prove(method, values[field]),
    onDone: () => {
      onDone();
      return true;
    },
  });
  return (
    <form method="post" onSubmit={onSubmit} noValidate className="grid gap-4">
      {problems.form && <Alert tone="destructive">{problemText(problems.form)}</Alert>}
      <Field label={t(`${method}.label`)} error={problemText(problems[field])} required>
        {isPassword ? (
          <PasswordInput name={field} autoComplete="current-password" />
        ) : (
          <CodeInput isBackupCode={method === "backupCode"} />
        )}
      </Field>
      <DialogActions>
        <Button type="submit" variant="primary" pending={pending}>
          {t("submit")}
        </Button>
      </DialogActions>
    </form>
  );
}

/** For a user without a password and a second factor: only a new sign-in proves anything. */
function SignInAgain() {
  const t = useTranslations("security.proof");
  const locale = useLocale();
  async function leave(): Promise<void> {
    await authClient.signOut();
    const next = encodeURIComponent(window.location.pathname + window.location.search);
    window.location.assign(`${localePath(locale, "/sign-in")}?next=${next}`);
  }
  return (
    <Button variant="primary" onClick={() => void leave()}>
      {t("signInButton")}
    </Button>
  );
}

/** Sends what was typed. The password goes to an action, because better-auth has no route for it. */
function useProve(): (method: TypedMethod, typed: string) => Promise<AuthResult> {
  const { run } = useServerAction();
  return async (method, typed) => {
    if (method === "code") return authClient.verifyCode({ code: typed });
    if (method === "backupCode") return authClient.verifyBackupCode({ code: typed });
    const { failure } = await run((renderedFor) =>
      confirmPassword(renderedFor, { password: typed }),
    );
    if (failure === null) return { data: null, error: null };
    const seconds = failure.details?.retryAfterSeconds;
    return {
      data: null,
      error: {
        status: failure.code === "rate_limited" ? 429 : 400,
        code: failure.code === "invalid_input" ? "INVALID_PASSWORD" : failure.code,
        retryAfterSeconds: typeof seconds === "number" ? seconds : null,
      },
    };
  };
}
