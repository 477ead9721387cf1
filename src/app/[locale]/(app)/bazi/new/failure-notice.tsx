"use client";

import { useLocale, useTranslations } from "next-intl";
import { errorSentence } from "@/components/error-sentence";
import { Alert } from "@/components/ui/alert";
import { LinkButton } from "@/components/ui/link-button";
import { localePath } from "@/lib/locales";
import type { Failure } from "./use-reading-form";

/** What became of an attempt that made no reading, in the words of the error or of this form. */
export function FailureNotice({ failure }: { failure: Failure | null }) {
  const t = useTranslations("bazi.form");
  const nav = useTranslations("common.nav");
  const errors = useTranslations("errors");
  const signInHref = `/sign-in?next=${encodeURIComponent(localePath(useLocale(), "/bazi/new"))}`;
  if (failure === null || failure.kind === "too-few") return null;
  if (failure.kind === "fields") return <Alert tone="destructive">{t("checkFields")}</Alert>;
  if (failure.kind === "no-answer") return <Alert tone="warning">{t("offline")}</Alert>;
  const { code, retryAfterSeconds } = failure;
  if (code === "rate_limited") {
    return (
      <Alert tone="warning">
        {errorSentence(errors, { code, details: { retryAfterSeconds } })}
      </Alert>
    );
  }
  if (code === "not_signed_in") {
    return (
      <Alert
        tone="warning"
        action={
          <LinkButton href={signInHref} size="sm" prefetch={false}>
            {nav("signIn")}
          </LinkButton>
        }
      >
        {errorSentence(errors, { code, details: {} })}
      </Alert>
    );
  }
  if (code === "account_frozen") return <Alert tone="warning">{t("frozen")}</Alert>;
  return <Alert tone="destructive">{t("failed")}</Alert>;
}
