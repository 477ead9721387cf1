import { dayStart, monthName, monthsAfter } from "./utc-period";

/** A day of some calendar on a wall, `2026-03-01`; such texts sort as the days do. */
export type Day = string;
/** `2026-03`. */
export type Month = string;

const DAY_MS = 86_400_000;

/** Zones are at most 14 hours ahead of UTC and 12 behind it; two days either side is ample. */
const SEARCH_MS = 2 * DAY_MS;

/** The day that the calendars of an IANA time zone show at an instant. An unknown zone counts as UTC. */
export function localDay(at: Date, timeZone: string): Day {
  const parts = formatterFor(timeZone).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes) =>
    parts.find((found) => found.type === type)?.value ?? "";
  return `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}`;
}

/**
 * The first instant of a day in a time zone. Found by halving, not from an offset: where clocks jump
 * at midnight the day begins at one, and where the date line moved a day never was (then the next
 * one's first instant).
 */
export function startOfDay(day: Day, timeZone: string): Date {
  const utcMs = midnightMs(day);
  let before = utcMs - SEARCH_MS;
  let reached = utcMs + SEARCH_MS;
  while (reached - before > 1000) {
    const middle = before + Math.floor((reached - before) / 2000) * 1000;
    if (localDay(new Date(middle), timeZone) < day) before = middle;
    else reached = middle;
  }
  return new Date(reached);
}

/** The first instant of a month in a time zone. */
export function startOfMonth(month: Month, timeZone: string): Date {
  return startOfDay(`${month}-01`, timeZone);
}

/** Calendar arithmetic: `2026-02-28` and 1 give `2026-03-01`. */
export function addDays(day: Day, count: number): Day {
  return new Date(midnightMs(day) + count * DAY_MS).toISOString().slice(0, 10);
}

/** `2026-12` and 1 give `2027-01`. */
export function addMonths(month: Month, count: number): Month {
  return monthName(monthsAfter(dayStart(`${month}-01`), count));
}

/** The month that a day is in. */
export function monthOf(day: Day): Month {
  return day.slice(0, 7);
}

function midnightMs(day: Day): number {
  const ms = Date.parse(`${day}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(ms)) throw new RangeError(`${day} is no day.`);
  return ms;
}

/** Building a formatter costs far more than using it; there are a few hundred zones at most. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterFor(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const formatter = makeFormatter(timeZone) ?? formatterFor("UTC");
  formatters.set(timeZone, formatter);
  return formatter;
}

function makeFormatter(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone,
      ...{ calendar: "gregory", numberingSystem: "latn" },
      ...{ year: "numeric", month: "2-digit", day: "2-digit" },
    });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
