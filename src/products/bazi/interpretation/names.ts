import { createTranslator } from "next-intl";
import type { Locale } from "@/lib/locales";
import { type Element, pick } from "../chart/elements";
import type { StemBranch } from "../chart/stems-and-branches";
import en from "../messages/en/bazi.json";
import zh from "../messages/zh-CN/bazi.json";

/** Names of stems, branches, ten gods and so on. The pages use the same messages. */
export function namesIn(locale: Locale) {
  return locale === "zh-CN" ? zh : en;
}

export type Names = ReturnType<typeof namesIn>;

/** `甲子 (Jia Zi)` in English, `甲子` in Chinese. */
export function pillarName(locale: Locale, { stem, branch }: StemBranch): string {
  const names = namesIn(locale);
  const signs = names.stems[stem].sign + names.branches[branch].sign;
  if (locale === "zh-CN") return signs;
  return `${signs} (${names.stems[stem].sound} ${names.branches[branch].sound})`;
}

/** The name of a nayin, from 0 (海中金) to 29 (大海水). */
export function nayinName(locale: Locale, nayin: number): string {
  return pick(NAYIN_NAMES[locale], nayin);
}

/** Formatted once, because the message is a long select and slow to parse. */
const NAYIN_NAMES = {
  en: nayinNames(createTranslator({ locale: "en", messages: { bazi: en }, namespace: "bazi" })),
  "zh-CN": nayinNames(
    createTranslator({ locale: "zh-CN", messages: { bazi: zh }, namespace: "bazi" }),
  ),
};

function nayinNames(t: (key: "nayin", values: { index: string }) => string): string[] {
  return Array.from({ length: 30 }, (_, index) => t("nayin", { index: String(index) }));
}

/** The name of an element within a sentence: lower case in English. */
export function elementName(locale: Locale, element: Element): string {
  return namesIn(locale).elements[element].toLocaleLowerCase(locale);
}

/** Month and year of a date. The start of a luck pillar is not more accurate than that. */
export function monthAndYear(locale: Locale, isoDate: string): string {
  return FORMATS[locale].month.format(new Date(isoDate));
}

/** The date of an instant in Beijing, the time zone in which solar terms are published. */
export function beijingDay(locale: Locale, instant: Date): string {
  return FORMATS[locale].day.format(instant);
}

/** Created once: a text contains about thirty dates, and creating a format is slow. */
const FORMATS = { en: formatsFor("en-GB"), "zh-CN": formatsFor("zh-CN") };

function formatsFor(tag: string) {
  const month = { year: "numeric", month: "long" } as const;
  return {
    month: new Intl.DateTimeFormat(tag, { ...month, timeZone: "UTC" }),
    day: new Intl.DateTimeFormat(tag, { ...month, day: "numeric", timeZone: "Asia/Shanghai" }),
  };
}
