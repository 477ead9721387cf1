/**
 * The tests' own calendar, so that what is tested does not compute what is expected: months by
 * counting them on a list, with no help of the date functions that the code under test uses.
 */
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const GRACE_MS = 48 * HOUR_MS;

/** The same UTC day and time `count` months later; the month's last day where it has no such day. */
export function monthLater(from: Date, count: number): Date {
  const [date = "", time = ""] = from.toISOString().split("T");
  const [year = 0, month = 0, day = 0] = date.split("-").map(Number);
  const months = year * 12 + (month - 1) + count;
  const toYear = Math.floor(months / 12);
  const toMonth = months % 12;
  const toDay = Math.min(day, daysIn(toYear, toMonth));
  return new Date(`${toYear}-${two(toMonth + 1)}-${two(toDay)}T${time}`);
}

export function daysIn(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 1 && isLeap ? 29 : (DAYS[month] ?? 0);
}

const two = (figure: number) => String(figure).padStart(2, "0");
