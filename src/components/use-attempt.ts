"use client";

import { useTranslations } from "next-intl";
import type { ReportedError } from "./error-sentence";
import { useErrorText } from "./use-error-text";

export interface ActionAnswer {
  readonly serverError?: ReportedError | undefined;
  readonly validationErrors?: unknown;
}

export interface Refusal {
  /** A key of the `errors` messages; `offline` when no answer came. */
  readonly code: string;
  /** What to tell the person. */
  readonly text: string;
}

/** Sends an action and answers why it was not done, or null when it was. Never throws. */
export function useAttempt(): (send: () => Promise<ActionAnswer>) => Promise<Refusal | null> {
  const t = useTranslations("errors");
  const errorText = useErrorText();
  return async (send) => {
    const answer = await send().catch(() => null);
    if (answer === null) return { code: "offline", text: t("offline") };
    if (answer.serverError) {
      return { code: answer.serverError.code, text: errorText(answer.serverError) };
    }
    return answer.validationErrors ? { code: "invalid_input", text: t("invalid_input") } : null;
  };
}
