import { millisecondsInDay } from "date-fns/constants";
import { canonicalTimeZone } from "./time-zones";
import { dayStart, monthName, monthsAfter } from "./utc-period";

/** A calendar day, `2026-03-01`. Days sort as strings. */
export type Day = string;
/** A calendar month, `2026-03`. */
export type Month = string;

/** More than any time zone differs from UTC: 14 hours ahead, 12 hours behind. */
const SEARCH_MS = 2 * millisecondsInDay;

/** Returns the calendar day in an IANA time zone. An unknown zone falls back to UTC. */
export function localDay(at: Date, timeZone: string): Day {
  const parts = formatterFor(timeZone).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    parts.find((found) => found.type === type)?.value ?? "";
  return `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}`;
}

/**
 * Returns the first instant of a day in a time zone. Bisects instead of applying an offset: a day
 * starts at one o'clock where clocks skip midnight, and a day that the zone skipped at the date line
 * starts with the next day.
 */
export function startOfDay(day: Day, timeZone: string): Date {
  const utcMs = midnightMs(day);
  let before = utcMs - SEARCH_MS;
  let after = utcMs + SEARCH_MS;
  while (after - before > 1000) {
    const middle = before + Math.floor((after - before) / 2000) * 1000;
    if (localDay(new Date(middle), timeZone) < day) before = middle;
    else after = middle;
  }
  return new Date(after);
}

/** Returns the first instant of a month in a time zone. */
export function startOfMonth(month: Month, timeZone: string): Date {
  return startOfDay(`${month}-01`, timeZone);
}

/** `addDays("2026-02-28", 1)` is `2026-03-01`. */
export function addDays(day: Day, count: number): Day {
  return new Date(midnightMs(day) + count * millisecondsInDay).toISOString().slice(0, 10);
}

/** `addMonths("2026-12", 1)` is `2027-01`. */
export function addMonths(month: Month, count: number): Month {
  return monthName(monthsAfter(dayStart(`${month}-01`), count));
}

export function monthOf(day: Day): Month {
  return day.slice(0, 7);
}

function midnightMs(day: Day): number {
  const ms = Date.parse(`${day}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(ms))
    throw new RangeError(`${day} is not a day.`);
  return ms;
}

/**
 * Cached, because creating a formatter costs far more than using it. The key is the canonical name, so
 * that made-up zones and spellings cannot fill the memory. There are a few hundred zones.
 */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterFor(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const canonical = canonicalTimeZone(timeZone) ?? "UTC";
  const formatter =
    formatters.get(canonical) ??
    new Intl.DateTimeFormat("en-US", {
      timeZone: canonical,
      calendar: "gregory",
      numberingSystem: "latn",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
    });
  formatters.set(canonical, formatter);
  return formatter;
}
