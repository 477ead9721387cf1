import type { Locale } from "@/lib/locales";
import type { Chart } from "../chart/chart";
import { textsEn } from "./en/texts";
import type { SectionKey } from "./language-texts";
import { namesIn } from "./names";
import { balanceSection } from "./sections/balance";
import { dayMasterSection } from "./sections/day-master";
import { limitsSection } from "./sections/limits";
import { meetingsSection } from "./sections/meetings";
import { luckSection, yearsSection } from "./sections/periods";
import { pillarsSection } from "./sections/pillars";
import { relationshipsSection } from "./sections/relationships";
import { rhythmSection } from "./sections/rhythm";
import type { Paragraph, Section, SectionWriter, Subject } from "./sections/section";
import { structureSection } from "./sections/structure";
import { summaryOf } from "./sections/summary";
import { workSection } from "./sections/work";
import { textsZh } from "./zh-CN/texts";

const SECTIONS: readonly [SectionKey, SectionWriter][] = [
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
 * Writes the interpretation of a chart in a language as of `now`. Pure: equal charts give equal
 * text, and every sentence follows from a fact of the chart.
 */
export function interpret(chart: Chart, { locale, now }: { locale: Locale; now: Date }): Section[] {
  const subject = subjectOf(chart, { locale, now });
  return SECTIONS.map(([key, write]) => ({
    key,
    title: subject.texts.titles[key],
    paragraphs: write(subject)
      .map((each) => (typeof each === "string" ? { lead: null, text: each } : each))
      .filter(({ text }) => text !== ""),
  }));
}

/** Writes the five lines above the sections. Their sentences occur in the sections, too. */
export function summarize(
  chart: Chart,
  { locale, now }: { locale: Locale; now: Date },
): Paragraph[] {
  return summaryOf(subjectOf(chart, { locale, now }));
}

function subjectOf(chart: Chart, { locale, now }: { locale: Locale; now: Date }): Subject {
  const texts = locale === "zh-CN" ? textsZh : textsEn;
  return { chart, now, locale, texts, names: namesIn(locale) };
}
