import { LunarYear } from "lunar-typescript";
import { pick } from "./elements";
import { BRANCHES, type Branch } from "./stems-and-branches";

/** The 24 solar terms in the order of the calendar year; those at even places open a BaZi month. */
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
/** The library states its terms in Julian days of Beijing time (UTC+8). */
const BEIJING_OFFSET_DAYS = 8 / 24;
/** Its list starts with the two terms before the year's 小寒 (大雪 and 冬至 of the year before). */
const FIRST_TERM_IN_LIBRARY_LIST = 2;

/** A year takes the library a millisecond or two and never changes; there are some two hundred. */
const termsByYear = new Map<number, readonly SolarTermInstant[]>();

/** The 24 terms of a Gregorian year (in Beijing time) as instants, to the second. */
export function solarTermsOfYear(year: number): readonly SolarTermInstant[] {
  const known = termsByYear.get(year);
  if (known !== undefined) return known;
  const julianDays = LunarYear.fromYear(year).getJieQiJulianDays();
  const terms = SOLAR_TERMS.map((term, place) => ({
    term,
    at: instantOfBeijingJulianDay(pick(julianDays, place + FIRST_TERM_IN_LIBRARY_LIST)),
  }));
  termsByYear.set(year, terms);
  return terms;
}

/** The last term at or before the instant and the first one after it. */
export function solarTermsAround(instant: Date): {
  previous: SolarTermInstant;
  next: SolarTermInstant;
} {
  return neighbours(termsNear(instant), instant);
}

/** As `solarTermsAround`, among the twelve terms that open a BaZi month (节). */
export function monthTermsAround(instant: Date): {
  previous: SolarTermInstant;
  next: SolarTermInstant;
} {
  return neighbours(termsNear(instant).filter(opensMonth), instant);
}

/** The branch of the month that a term opens, or belongs to: 小寒 and 大寒 → 丑, 立春 → 寅… */
export function monthBranchOf(term: SolarTerm): Branch {
  return pick(BRANCHES, (Math.floor(SOLAR_TERMS.indexOf(term) / 2) + 1) % 12);
}

/** The instant of 立春 in a Gregorian year, when the BaZi year of that number begins. */
export function startOfBaziYear(year: number): Date {
  return pick(solarTermsOfYear(year), SOLAR_TERMS.indexOf("start-of-spring")).at;
}

function opensMonth({ term }: SolarTermInstant): boolean {
  return SOLAR_TERMS.indexOf(term) % 2 === 0;
}

function termsNear(instant: Date): SolarTermInstant[] {
  const year = instant.getUTCFullYear();
  return [year - 1, year, year + 1].flatMap((each) => solarTermsOfYear(each));
}

function neighbours(terms: readonly SolarTermInstant[], instant: Date) {
  const nextPlace = terms.findIndex(({ at }) => at.getTime() > instant.getTime());
  return { previous: pick(terms, nextPlace - 1), next: pick(terms, nextPlace) };
}

function instantOfBeijingJulianDay(julianDay: number): Date {
  const days = julianDay - JULIAN_DAY_OF_UNIX_EPOCH - BEIJING_OFFSET_DAYS;
  return new Date(Math.round(days * 86_400) * 1000);
}
