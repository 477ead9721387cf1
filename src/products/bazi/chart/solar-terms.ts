import { secondsInDay } from "date-fns/constants";
import { LunarYear } from "lunar-typescript";
import { pick } from "./elements";
import { BRANCHES, type Branch } from "./stems-and-branches";

/** The 24 solar terms (节气) in calendar order. Those at even indexes (节) begin a BaZi month. */
export const SOLAR_TERMS = [
  "minor-cold",
  "major-cold",
  "start-of-spring",
  "rain-water",
  "awakening-of-insects",
  "spring-equinox",
  "clear-and-bright",
  "grain-rain",
  "start-of-summer",
  "grain-buds",
  "grain-in-ear",
  "summer-solstice",
  "minor-heat",
  "major-heat",
  "start-of-autumn",
  "end-of-heat",
  "white-dew",
  "autumn-equinox",
  "cold-dew",
  "frost-descent",
  "start-of-winter",
  "minor-snow",
  "major-snow",
  "winter-solstice",
] as const;
export type SolarTerm = (typeof SOLAR_TERMS)[number];
export type SolarTermInstant = { term: SolarTerm; at: Date };

const JULIAN_DAY_OF_UNIX_EPOCH = 2_440_587.5;
/** The library returns terms as Julian days of Beijing time (UTC+8). */
const BEIJING_OFFSET_DAYS = 8 / 24;
/** The library's list starts with 大雪 and 冬至 of the previous year. */
const FIRST_TERM_IN_LIBRARY_LIST = 2;

/** The library needs one to two milliseconds per year. Bounded: the form allows about 200 years. */
const termsByYear = new Map<number, readonly SolarTermInstant[]>();

/** The 24 terms of a Gregorian year of Beijing time as instants, to the second. */
export function solarTermsOfYear(year: number): readonly SolarTermInstant[] {
  const known = termsByYear.get(year);
  if (known !== undefined) return known;
  const julianDays = LunarYear.fromYear(year).getJieQiJulianDays();
  const terms = SOLAR_TERMS.map((term, index) => ({
    term,
    at: instantOfBeijingJulianDay(pick(julianDays, index + FIRST_TERM_IN_LIBRARY_LIST)),
  }));
  termsByYear.set(year, terms);
  return terms;
}

/** The last term at or before the instant and the first term after it. */
export function solarTermsAround(instant: Date): {
  previous: SolarTermInstant;
  next: SolarTermInstant;
} {
  return termsAround(termsNear(instant), instant);
}

/** Like `solarTermsAround`, limited to the twelve terms that begin a BaZi month (节). */
export function monthTermsAround(instant: Date): {
  previous: SolarTermInstant;
  next: SolarTermInstant;
} {
  return termsAround(termsNear(instant).filter(startsMonth), instant);
}

/** The branch of the month that contains a term: 小寒 and 大寒 → 丑, 立春 → 寅, and so on. */
export function monthBranchOf(term: SolarTerm): Branch {
  return pick(BRANCHES, (Math.floor(SOLAR_TERMS.indexOf(term) / 2) + 1) % 12);
}

/** The start of a BaZi year: the instant of 立春 in that Gregorian year. */
export function startOfBaziYear(year: number): Date {
  return pick(solarTermsOfYear(year), SOLAR_TERMS.indexOf("start-of-spring")).at;
}

function startsMonth({ term }: SolarTermInstant): boolean {
  return SOLAR_TERMS.indexOf(term) % 2 === 0;
}

function termsNear(instant: Date): SolarTermInstant[] {
  const year = instant.getUTCFullYear();
  return [year - 1, year, year + 1].flatMap((each) => solarTermsOfYear(each));
}

function termsAround(terms: readonly SolarTermInstant[], instant: Date) {
  const nextIndex = terms.findIndex(({ at }) => at.getTime() > instant.getTime());
  return { previous: pick(terms, nextIndex - 1), next: pick(terms, nextIndex) };
}

function instantOfBeijingJulianDay(julianDay: number): Date {
  const days = julianDay - JULIAN_DAY_OF_UNIX_EPOCH - BEIJING_OFFSET_DAYS;
  return new Date(Math.round(days * secondsInDay) * 1000);
}
