import { createTranslator, type Messages } from "next-intl";
import type { Locale } from "@/lib/locales";

/** Translates the `emails` messages. A missing message is an error: no mail goes out with a bare key. */
export function emailTranslator(locale: Locale, messages: Messages) {
  return createTranslator({
    locale,
    messages,
    namespace: "emails",
    onError(error) {
      throw error;
    },
  });
}

export type EmailTranslator = ReturnType<typeof emailTranslator>;
