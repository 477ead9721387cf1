import type { Locale } from "@/lib/locales";
import type { Chart } from "../chart";
import { balanceSection } from "./balance-section";
import { dayMasterSection } from "./day-master-section";
import { limitsSection } from "./limits-section";
import { luckSection } from "./luck-section";
import { meetingsSection } from "./meetings-section";
import { namesIn } from "./names";
import { pillarsSection } from "./pillars-section";
import { relationshipsSection } from "./relationships-section";
import { rhythmSection } from "./rhythm-section";
import { structureSection } from "./structure-section";
import type { Paragraph, Section, Subject } from "./subject";
import type { SectionKey } from "./texts";
import { textsEn } from "./texts.en";
import { textsZh } from "./texts.zh-CN";
import { workSection } from "./work-section";
import { yearsSection } from "./years-section";

type Write = (subject: Subject) => (string | Paragraph)[];

const SECTIONS: readonly [SectionKey, Write][] = [
  ["day-master", dayMasterSection],
  ["structure", structureSection],
  ["balance", balanceSection],
  ["pillars", pillarsSection],
  ["meetings", meetingsSection],
  ["work", workSection],
  ["relationships", relationshipsSection],
  ["rhythm", rhythmSection],
  ["luck", luckSection],
  ["years", yearsSection],
  ["limits", limitsSection],
];

/**
 * The written interpretation of a chart in a language, as of `now`. Pure and deterministic: the same
 * chart gives the same words, and every sentence follows from a fact of the chart.
 */
export function interpret(chart: Chart, { locale, now }: { locale: Locale; now: Date }): Section[] {
  const texts = locale === "zh-CN" ? textsZh : textsEn;
  const subject: Subject = { chart, now, locale, texts, names: namesIn(locale) };
  return SECTIONS.map(([key, write]) => ({
    key,
    title: texts.titles[key],
    paragraphs: write(subject)
      .map((each) => (typeof each === "string" ? { lead: null, text: each } : each))
      .filter(({ text }) => text !== ""),
  }));
}
