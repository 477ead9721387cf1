import type { Messages, useTranslations } from "next-intl";

/** An error as actions and routes report it to the browser. */
export interface ReportedError {
  readonly code: string;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
}

type Translate = ReturnType<typeof useTranslations<"errors">>;
type ErrorCode = Exclude<keyof Messages["errors"], "page">;

/**
 * Returns the sentence for an error code with its figures filled in. A code without a message gets
 * the general sentence. Waiting times are rounded up to minutes.
 */
export function errorSentence(t: Translate, { code, details }: ReportedError): string {
  const isCode = (name: string): name is ErrorCode => name !== "page" && t.has(name as ErrorCode);
  return t(isCode(code) ? code : "unexpected", figuresOf(details));
}

/** Plurals in a message need numbers, so a missing or non-numeric detail becomes 0. */
function figuresOf(details: ReportedError["details"]) {
  const figure = (name: string) => {
    const value = details[name];
    return typeof value === "number" ? value : 0;
  };
  return {
    minutes: Math.max(1, Math.ceil(figure("retryAfterSeconds") / 60)),
    required: figure("required"),
    available: figure("available"),
    email: typeof details.email === "string" ? details.email : "",
    currency: typeof details.currency === "string" ? details.currency : "",
  };
}
