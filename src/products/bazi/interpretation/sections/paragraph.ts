import type { Locale } from "@/lib/locales";

/** Joins sentences into one paragraph: a space between them in English, nothing in Chinese. */
export function paragraph(locale: Locale, sentences: readonly string[]): string {
  return sentences.filter((sentence) => sentence !== "").join(locale === "zh-CN" ? "" : " ");
}
