"use client";

import { useTranslations } from "next-intl";
import type { ActionError } from "@/app/actions/safe-action";

/** Says in the reader's language why an action was refused. */
export function useActionError(): (error: ActionError | undefined) => string {
  const t = useTranslations("errors");
  return (error) => {
    switch (error?.code) {
      case undefined:
      case "invalid_input":
        return t("invalid_input");
      case "not_signed_in":
        return t("not_signed_in");
      case "not_found":
        return t("not_found");
      case "rate_limited":
        return t("rate_limited", {
          retryAfterSeconds: Number(error?.details.retryAfterSeconds ?? 60),
        });
      default:
        return t("unexpected");
    }
  };
}
