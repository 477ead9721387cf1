"use client";

import { useMessages, useTranslations } from "next-intl";

interface ReportedError {
  readonly code: string;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
}

type ErrorCode = Exclude<keyof ReturnType<typeof useMessages>["errors"], "page">;

/**
 * What to tell a person about an error that an action or a route reported: the sentence of its code
 * in the `errors` messages with its figures, or a general one for a code that has none.
 */
export function useErrorText(): (error: ReportedError) => string {
  const t = useTranslations("errors");
  const { errors } = useMessages();
  const isCode = (code: string): code is ErrorCode => code !== "page" && code in errors;
  return ({ code, details }) => t(isCode(code) ? code : "unexpected", figuresOf(details));
}

/** A sentence with a plural needs numbers; texts stay texts, the rest is of no use in a sentence. */
function figuresOf(details: ReportedError["details"]) {
  const figure = (name: string) => {
    const value = details[name];
    return typeof value === "number" ? value : 0;
  };
  return {
    minutes: Math.max(1, Math.ceil(figure("retryAfterSeconds") / 60)),
    required: figure("required"),
    available: figure("available"),
  };
}
