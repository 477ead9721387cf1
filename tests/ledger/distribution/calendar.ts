import { millisecondsInHour } from "date-fns/constants";

/** A calendar for expectations: it counts months in a table, without the date functions under test. */
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
export const GRACE_MS = 48 * millisecondsInHour;

/** Returns the same UTC day and time `count` months later, clamped to the month's last day. */
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

const two = (number: number) => String(number).padStart(2, "0");
