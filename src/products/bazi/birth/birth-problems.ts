import { instantsAt, standardOffsetSecondsAt } from "./local-time";
import { civilDateOfLunar, lunarMonthLengthDays } from "./lunar-calendar";
import { type Place, type PlaceId, placeOf } from "./places";
import type { ProblemCode } from "./problem-codes";
import { isCalendarDate, type WallTime } from "./wall-time";

export type BirthPlace =
  | { kind: "city"; cityId: PlaceId }
  | { kind: "coordinates"; longitude: number; zone: string };

export type BirthDate = {
  calendar: "solar" | "lunar";
  year: number;
  month: number;
  day: number;
  isLeapMonth: boolean;
  time: string | null;
  place: BirthPlace;
};

export type BirthProblem = {
  field: "year" | "month" | "day" | "isLeapMonth" | "time" | "place";
  code: ProblemCode;
};

/** Solar time is nowhere further than this from the clock (western China: a little over three hours). */
const MAX_SOLAR_GAP_HOURS = 4;

/** What is impossible about a birth whose fields are each well formed; empty when it can have been. */
export function birthProblems(birth: BirthDate): BirthProblem[] {
  const date = civilDateOf(birth);
  if (date === null) return [dateProblem(birth)];
  if (date.year < 1900 || date.year > 2100) return [{ field: "year", code: "year_out_of_range" }];

  const { longitude, zone } = coordinatesOf(birth.place);
  const [instant] = instantsAt(zone, birthWallTime({ date, time: birth.time }));
  if (instant === undefined) {
    return birth.time === null
      ? [{ field: "day", code: "day_skipped_in_zone" }]
      : [{ field: "time", code: "time_skipped_in_zone" }];
  }
  const gapHours = longitude / 15 - standardOffsetSecondsAt(zone, instant) / 3600;
  return Math.abs(gapHours - 24 * Math.round(gapHours / 24)) > MAX_SOLAR_GAP_HOURS
    ? [{ field: "place", code: "longitude_not_in_zone" }]
    : [];
}

/** The Gregorian date of the birth; null when its calendar has no such date. */
export function civilDateOf(
  birth: Pick<BirthDate, "calendar" | "year" | "month" | "day" | "isLeapMonth">,
) {
  if (birth.calendar === "lunar") return civilDateOfLunar(birth);
  const { year, month, day } = birth;
  return isCalendarDate(birth) ? { year, month, day } : null;
}

export function coordinatesOf(place: BirthPlace): Pick<Place, "longitude" | "zone"> {
  return place.kind === "city" ? placeOf(place.cityId) : place;
}

/** The clock's reading; noon, the middle of the day, when the time is unknown. */
export function birthWallTime(birth: {
  date: { year: number; month: number; day: number };
  time: string | null;
}): WallTime {
  const [hour = 12, minute = 0] = (birth.time ?? "12:00").split(":").map(Number);
  return { ...birth.date, hour, minute, second: 0 };
}

function dateProblem(birth: BirthDate): BirthProblem {
  if (birth.calendar === "solar") return { field: "day", code: "day_not_in_month" };
  const lengthDays = lunarMonthLengthDays(birth);
  if (lengthDays === null) return { field: "isLeapMonth", code: "leap_month_not_in_year" };
  return { field: "day", code: "day_not_in_lunar_month" };
}
