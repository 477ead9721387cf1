"use client";

import { useTranslations } from "next-intl";
import { useRef, useState } from "react";
import { PasswordInput } from "@/app/[locale]/(auth)/password-input";
import { useProblemText } from "@/app/[locale]/(auth)/use-auth-form";
import { emailProblem, type FieldProblem } from "@/auth/field-problems";
import type { ActionFailure } from "@/components/call-action";
import { FailureAlert } from "@/components/failure-alert";
import { Alert } from "@/components/ui/alert";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useServerAction } from "@/components/use-server-action";
import { changeMyEmail } from "./actions";

interface Errors {
  readonly email?: string | undefined;
  readonly password?: string | undefined;
}

/** Requests the link that changes the address. Asks for the password if there is one. */
export function ChangeEmail({ email, hasPassword }: { email: string; hasPassword: boolean }) {
  const t = useTranslations("settings.email");
  const problemText = useProblemText();
  const { run } = useServerAction();
  const form = useRef<HTMLFormElement>(null);
  const [errors, setErrors] = useState<Errors>({});
  const [failure, setFailure] = useState<ActionFailure | null>(null);
  const [sentTo, setSentTo] = useState<string | null>(null);
  const textOf = (code: FieldProblem | null) =>
    code === null ? undefined : problemText({ code, minutes: 0 });

  function reject(found: Errors, other: ActionFailure | null = null): false {
    setErrors(found);
    setFailure(other);
    const field = found.password === undefined ? "email" : "password";
    form.current?.querySelector<HTMLElement>(`[name=${field}]`)?.focus();
    return false;
  }

  async function confirm(): Promise<boolean> {
    const typed = new FormData(form.current ?? undefined);
    const newEmail = String(typed.get("email") ?? "").trim();
    const password = String(typed.get("password") ?? "");
    const isSame = newEmail.toLowerCase() === email;
    const problem = textOf(emailProblem(newEmail)) ?? (isSame ? t("same") : undefined);
    if (problem !== undefined) return reject({ email: problem });
    if (hasPassword && password === "") return reject({ password: textOf("password_missing") });
    const outcome = await run((renderedFor) =>
      changeMyEmail(renderedFor, { email: newEmail, password }),
    );
    if (outcome.failure === null) {
      reject({});
      setSentTo(newEmail);
      return true;
    }
    const { code, text, fields, details } = outcome.failure;
    if (code === "email_taken") return reject({ email: text });
    if (fields?.email) return reject({ email: textOf("email_invalid") });
    if (details?.field === "password") return reject({ password: t("wrongPassword") });
    return reject({}, outcome.failure);
  }

  return (
    <div className="grid justify-items-start gap-3">
      {sentTo !== null && (
        <Alert tone="success" title={t("sentTitle")}>
          {t("sentText", { email: sentTo })}
        </Alert>
      )}
      <AlertDialog
        trigger={<Button>{t("change")}</Button>}
        title={t("changeTitle")}
        description={t("changeText")}
        confirmLabel={t("send")}
        onConfirm={confirm}
      >
        <form ref={form} onSubmit={(event) => event.preventDefault()} className="grid gap-4">
          <Field label={t("new")} error={errors.email} required>
            <Input name="email" type="email" autoComplete="email" inputMode="email" />
          </Field>
          {hasPassword && (
            <Field label={t("password")} error={errors.password} required>
              <PasswordInput name="password" autoComplete="current-password" />
            </Field>
          )}
          {failure && <FailureAlert failure={failure} />}
        </form>
      </AlertDialog>
    </div>
  );
}
