import type { Messages, useTranslations } from "next-intl";

export interface ReportedError {
  readonly code: string;
  readonly details: Readonly<Record<string, string | number | boolean | null>>;
}

type Translate = ReturnType<typeof useTranslations<"errors">>;
type ErrorCode = Exclude<keyof Messages["errors"], "page">;

/**
 * The sentence of a reported error with its figures, or a general one for a code that has none.
 * Waits are told in minutes, as nobody counts 540 seconds.
 */
export function errorSentence(t: Translate, { code, details }: ReportedError): string {
  const isCode = (name: string): name is ErrorCode => name !== "page" && t.has(name as ErrorCode);
  return t(isCode(code) ? code : "unexpected", figuresOf(details));
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
