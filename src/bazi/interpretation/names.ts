import en from "@/i18n/messages/en/bazi.json";
import zh from "@/i18n/messages/zh-CN/bazi.json";
import type { Locale } from "@/lib/locales";
import type { Element } from "../elements";
import type { StemBranch } from "../stems-and-branches";

/** The names of stems, branches, ten gods… in a language; the screens read the same messages. */
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

/** The element in the middle of a sentence: small letters in English. */
export function elementName(locale: Locale, element: Element): string {
  return namesIn(locale).elements[element].toLocaleLowerCase(locale);
}

/** Month and year of a date, as precise as a luck pillar's beginning deserves. */
export function monthAndYear(locale: Locale, isoDate: string): string {
  return format(locale, isoDate, { year: "numeric", month: "long" });
}

/** The calendar day of an instant in Beijing, where the solar terms are stated. */
export function beijingDay(locale: Locale, iso: string): string {
  return format(locale, iso, {
    year: "numeric",
    month: "long",
    day: "numeric",
    timeZone: "Asia/Shanghai",
  });
}

function format(locale: Locale, iso: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(locale === "en" ? "en-GB" : locale, {
    timeZone: "UTC",
    ...options,
  }).format(new Date(iso));
}
