"use client";

import { useTranslations } from "next-intl";
import { errorSentence, type ReportedError } from "./error-sentence";

/** What to tell a person about an error that an action or a route reported. */
export function useErrorText(): (error: ReportedError) => string {
  const t = useTranslations("errors");
  return (error) => errorSentence(t, error);
}
