import { millisecondsInDay } from "date-fns/constants";
import { LunarMonth, Solar } from "lunar-typescript";
import { wallTimeOf } from "./wall-time";

export type LunarDate = { year: number; month: number; day: number; isLeapMonth: boolean };
export type CivilDate = { year: number; month: number; day: number };

const JULIAN_DAY_OF_UNIX_EPOCH = 2_440_587.5;

/** Length of a lunar month, 29 or 30 days; null if the year has no such (leap) month. */
export function lunarMonthLengthDays(month: Omit<LunarDate, "day">): number | null {
  return monthOf(month)?.getDayCount() ?? null;
}

/** Converts a date of China's lunar calendar to a Gregorian date; null if it does not exist. */
export function civilDateOfLunar(date: LunarDate): CivilDate | null {
  const month = monthOf(date);
  if (month === null || date.day < 1 || date.day > month.getDayCount()) return null;
  const julianDay = month.getFirstJulianDay() + date.day - 1;
  // The library identifies a day by the Julian day of its noon.
  const {
    year,
    month: civilMonth,
    day,
  } = wallTimeOf(Math.round((julianDay - JULIAN_DAY_OF_UNIX_EPOCH) * millisecondsInDay));
  return { year, month: civilMonth, day };
}

/** Converts a Gregorian date to a date of China's lunar calendar. */
export function lunarDateOfCivil({ year, month, day }: CivilDate): LunarDate {
  const lunar = Solar.fromYmd(year, month, day).getLunar();
  return {
    year: lunar.getYear(),
    month: Math.abs(lunar.getMonth()),
    day: lunar.getDay(),
    isLeapMonth: lunar.getMonth() < 0,
  };
}

/** The library marks leap months with a negative number. */
function monthOf({ year, month, isLeapMonth }: Omit<LunarDate, "day">): LunarMonth | null {
  return LunarMonth.fromYm(year, isLeapMonth ? -month : month);
}
