"use client";

import { useTranslations } from "next-intl";
import { Alert } from "@/components/ui/alert";
import type { Failure } from "./use-reading-form";

/** What became of an attempt that made no reading, in the words of the error or of this form. */
export function FailureNotice({ failure }: { failure: Failure | null }) {
  const t = useTranslations("bazi.form");
  const errors = useTranslations("errors");
  if (failure === null || failure.kind === "too-few") return null;
  if (failure.kind === "fields") return <Alert tone="destructive">{t("checkFields")}</Alert>;
  if (failure.kind === "no-answer") return <Alert tone="warning">{t("offline")}</Alert>;
  if (failure.code === "rate_limited") {
    const { retryAfterSeconds } = failure;
    return <Alert tone="warning">{errors("rate_limited", { retryAfterSeconds })}</Alert>;
  }
  if (failure.code === "not_signed_in") {
    return <Alert tone="warning">{errors("not_signed_in")}</Alert>;
  }
  if (failure.code === "account_frozen") return <Alert tone="warning">{t("frozen")}</Alert>;
  return <Alert tone="destructive">{t("failed")}</Alert>;
}
