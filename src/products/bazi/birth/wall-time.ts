/**
 * A clock time without a zone. Arithmetic uses `wallMs`: the milliseconds of the same clock time in
 * UTC, which has no gaps.
 */
export type WallTime = {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
};

export function wallMsOf(wall: WallTime): number {
  return Date.UTC(wall.year, wall.month - 1, wall.day, wall.hour, wall.minute, wall.second);
}

export function wallTimeOf(wallMs: number): WallTime {
  const date = new Date(wallMs);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
}

/** Whether the date exists in the Gregorian calendar. */
export function isCalendarDate(date: { year: number; month: number; day: number }): boolean {
  const wall = wallTimeOf(Date.UTC(date.year, date.month - 1, date.day));
  return wall.year === date.year && wall.month === date.month && wall.day === date.day;
}

/** The date as `yyyy-mm-dd`. */
export function isoDateOf(wall: { year: number; month: number; day: number }): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${wall.year}-${two(wall.month)}-${two(wall.day)}`;
}
