import type { Locale } from "@/lib/locales";
import type { Chart } from "../../chart/chart";
import type { InterpretationTexts, SectionKey } from "../language-texts";
import type { Names } from "../names";

/** The input of every section. `now` only decides what "now" and "this year" mean. */
export type Subject = {
  chart: Chart;
  now: Date;
  locale: Locale;
  texts: InterpretationTexts;
  names: Names;
};

/** A paragraph. `lead` is a short heading for paragraphs that form a list. */
export type Paragraph = { lead: string | null; text: string };

export type Section = { key: SectionKey; title: string; paragraphs: Paragraph[] };

/** Writes the paragraphs of a section. Empty strings are dropped. */
export type SectionWriter = (subject: Subject) => (string | Paragraph)[];

/** Joins sentences, with a space in English and without one in Chinese. Drops empty strings. */
export function joinSentences(locale: Locale, sentences: readonly string[]): string {
  return sentences.filter((sentence) => sentence !== "").join(locale === "zh-CN" ? "" : " ");
}
