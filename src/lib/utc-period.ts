/** UTC midnights: the first of a period and the first after it. */
export interface Period {
  readonly from: Date;
  readonly to: Date;
}

/** The months that a report covers: the one of `at` and those before it, `months` in all. */
export interface ReportPeriod {
  readonly at: Date;
  readonly months: number;
}

/** The `days` whole UTC days up to and with the one of `at`. */
export function wholeDays(at: Date, days: number): Period {
  const day = (offset: number) =>
    new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() + offset));
  return { from: day(1 - days), to: day(1) };
}

/** All of a report's months. */
export function wholeMonths({ at, months }: ReportPeriod): Period {
  return { from: monthStart(at, 1 - months), to: monthStart(at, 1) };
}

/**
 * The instant `count` months after `anchor`, counted in UTC from the anchor and clamped to the
 * month's last day. Must equal the database's `credits_add_months`; a test compares the two.
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

/** The first instant of the month `offset` months from the one of `at`, in UTC. */
export function monthStart(at: Date, offset: number): Date {
  return monthsAfter(dayStart(`${monthName(at)}-01`), offset);
}

/** `2026-03-01`, in UTC. */
export function dayName(at: Date): string {
  return at.toISOString().slice(0, 10);
}

/** `2026-03`, in UTC. */
export function monthName(at: Date): string {
  return at.toISOString().slice(0, 7);
}

/** The first instant of a day such as `2026-03-01`, in UTC. */
export function dayStart(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}

/** The first instant after a day such as `2026-03-01`, in UTC. */
export function dayAfter(day: string): Date {
  return new Date(dayStart(day).getTime() + 24 * 3_600_000);
}
