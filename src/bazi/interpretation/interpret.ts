import type { Locale } from "@/lib/locales";
import type { Chart } from "../chart";
import { balanceSection } from "./balance-section";
import { dayMasterSection } from "./day-master-section";
import { limitsSection } from "./limits-section";
import { type Names, namesIn } from "./names";
import { luckSection, yearSection } from "./period-sections";
import { relationshipsSection } from "./relationships-section";
import { rhythmSection } from "./rhythm-section";
import type { InterpretationTexts, SectionKey } from "./texts";
import { textsEn } from "./texts.en";
import { textsZh } from "./texts.zh-CN";
import { workSection } from "./work-section";

export type Section = { key: SectionKey; title: string; paragraphs: string[] };

/** What every section is written from. */
export type Subject = { chart: Chart; locale: Locale; texts: InterpretationTexts; names: Names };

const SECTIONS: readonly [SectionKey, (subject: Subject) => string[]][] = [
  ["day-master", dayMasterSection],
  ["balance", balanceSection],
  ["work", workSection],
  ["relationships", relationshipsSection],
  ["rhythm", rhythmSection],
  ["luck", luckSection],
  ["year", yearSection],
  ["limits", limitsSection],
];

/**
 * The written interpretation of a chart in a language. Pure and deterministic: the same chart gives
 * the same words, and every sentence follows from a fact of the chart.
 */
export function interpret(chart: Chart, locale: Locale): Section[] {
  const texts = locale === "zh-CN" ? textsZh : textsEn;
  const subject: Subject = { chart, locale, texts, names: namesIn(locale) };
  return SECTIONS.map(([key, write]) => ({
    key,
    title: texts.titles[key],
    paragraphs: write(subject).filter((paragraph) => paragraph !== ""),
  }));
}
