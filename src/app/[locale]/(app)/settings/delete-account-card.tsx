"use client";

import { useLocale, useTranslations } from "next-intl";
import { useRef, useState } from "react";
import { PasswordInput } from "@/app/[locale]/(auth)/password-input";
import type { ActionFailure } from "@/components/call-action";
import { deleteDrafts } from "@/components/drafts";
import { FailureAlert } from "@/components/failure-alert";
import { Link } from "@/components/link";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Button } from "@/components/ui/button";
import { Card, CardHeader } from "@/components/ui/card";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useCreditsText } from "@/components/use-credits-text";
import { useServerAction } from "@/components/use-server-action";
import { formatCreditAmount } from "@/lib/formats";
import { localePath } from "@/lib/locales";
import { deleteMyAccount } from "./actions";

/** Deletes the account after a confirmation with the password or the email address. */
export function DeleteAccountCard({
  hasPassword,
  keptMonths,
  lost,
}: {
  hasPassword: boolean;
  /** How long the checksum of the address is kept. */
  keptMonths: number;
  /** The credits that the deletion takes, and how many of them were paid for. */
  lost: { readonly credits: number; readonly paid: number };
}) {
  const t = useTranslations("settings.deleteAccount");
  const locale = useLocale();
  const { run } = useServerAction();
  const form = useRef<HTMLFormElement>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [failure, setFailure] = useState<ActionFailure | null>(null);

  async function confirm(): Promise<boolean> {
    const typed = form.current && new FormData(form.current).get("proof");
    const proof = typeof typed === "string" ? typed : "";
    const wrong = t(hasPassword ? "wrongPassword" : "wrongEmail");
    const outcome =
      proof === ""
        ? { failure: { code: "invalid_input", text: wrong } }
        : await run((renderedFor) => deleteMyAccount(renderedFor, { proof }));
    if (outcome.failure === null) {
      deleteDrafts();
      window.location.assign(localePath(locale, "/sign-in?deleted=1"));
      return false;
    }
    const isWrong = outcome.failure.code === "invalid_input";
    setProblem(isWrong ? wrong : null);
    setFailure(isWrong ? null : outcome.failure);
    form.current?.querySelector<HTMLElement>("[name=proof]")?.focus();
    return false;
  }

  return (
    <Card>
      <CardHeader title={t("title")} description={t("text")} />
      <AlertDialog
        trigger={<Button variant="destructive">{t("open")}</Button>}
        title={t("sure")}
        description={t("consequences")}
        confirmLabel={t("confirm")}
        destructive
        onConfirm={confirm}
      >
        <form ref={form} onSubmit={(event) => event.preventDefault()} className="grid gap-4">
          <LostCredits lost={lost} />
          <p className="text-muted-foreground text-sm">
            {t.rich("kept", {
              months: keptMonths,
              link: (text) => (
                <Link href="/privacy#freeCredits" className="underline underline-offset-4">
                  {text}
                </Link>
              ),
            })}
          </p>
          <Field label={t(hasPassword ? "password" : "email")} error={problem} required>
            {hasPassword ? (
              <PasswordInput name="proof" autoComplete="current-password" />
            ) : (
              <Input name="proof" type="email" autoComplete="off" />
            )}
          </Field>
          {failure && <FailureAlert failure={failure} />}
        </form>
      </AlertDialog>
    </Card>
  );
}

/** Says how many credits are lost, and how many of them were paid for. */
export function LostCredits({
  lost: { credits: amount, paid },
}: {
  lost: { readonly credits: number; readonly paid: number };
}) {
  const t = useTranslations("settings.deleteAccount");
  const credits = useCreditsText();
  const locale = useLocale();
  if (amount === 0) return null;
  return (
    <p className="font-medium text-destructive">
      {paid === 0
        ? t("lost", { credits: credits(amount) })
        : t("lostPaid", { credits: credits(amount), paid: formatCreditAmount(paid, locale) })}
    </p>
  );
}
