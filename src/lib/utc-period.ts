import { millisecondsInDay } from "date-fns/constants";

/** Whole UTC days: `from` is the first midnight, `to` the midnight after the last day. */
export interface Period {
  readonly from: Date;
  readonly to: Date;
}

/** The `months` months of a report, of which the month of `at` is the last. */
export interface ReportPeriod {
  readonly at: Date;
  readonly months: number;
}

/** Returns the last `days` UTC days, including the day of `at`. */
export function wholeDays(at: Date, days: number): Period {
  const to = dayAfter(dayName(at));
  return { from: new Date(to.getTime() - days * millisecondsInDay), to };
}

/** Returns the months of a report as one period. */
export function wholeMonths({ at, months }: ReportPeriod): Period {
  return { from: monthStart(at, 1 - months), to: monthStart(at, 1) };
}

/**
 * Returns the instant `count` months after `anchor` in UTC, clamped to the last day of the month.
 * Must equal the database's `credits_add_months`; a test compares the two.
 */
export function monthsAfter(anchor: Date, count: number): Date {
  const month = anchor.getUTCMonth() + count;
  const lastDay = new Date(Date.UTC(anchor.getUTCFullYear(), month + 1, 0)).getUTCDate();
  const result = new Date(anchor);
  result.setUTCDate(1);
  result.setUTCMonth(month);
  result.setUTCDate(Math.min(anchor.getUTCDate(), lastDay));
  return result;
}

/** Returns the start of the UTC month that is `offset` months after the month of `at`. */
export function monthStart(at: Date, offset: number): Date {
  return monthsAfter(dayStart(`${monthName(at)}-01`), offset);
}

/** Returns the UTC day as `2026-03-01`. */
export function dayName(at: Date): string {
  return at.toISOString().slice(0, 10);
}

/** Returns the UTC month as `2026-03`. */
export function monthName(at: Date): string {
  return at.toISOString().slice(0, 7);
}

/** Returns the start of a UTC day such as `2026-03-01`. */
export function dayStart(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}

/** Returns the end of a UTC day such as `2026-03-01`, which is the start of the next. */
export function dayAfter(day: string): Date {
  return new Date(dayStart(day).getTime() + millisecondsInDay);
}
