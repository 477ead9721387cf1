import { millisecondsInHour } from "date-fns/constants";
import { type Lunar, Solar } from "lunar-typescript";
import { type WallTime, wallTimeOf } from "../birth/wall-time";
import { pick } from "./elements";
import { startOfBaziYear } from "./solar-terms";
import { BRANCHES, STEMS, type StemBranch } from "./stems-and-branches";

const BEIJING_OFFSET_MS = 8 * millisecondsInHour;

export const PILLAR_POSITIONS = ["year", "month", "day", "hour"] as const;
export type PillarPosition = (typeof PILLAR_POSITIONS)[number];
export type FourPillars = {
  year: StemBranch;
  month: StemBranch;
  day: StemBranch;
  /** Null when the time of birth is unknown. */
  hour: StemBranch | null;
};
export type DayChange = "midnight" | "23:00";
export type BaziYear = StemBranch & { year: number; startsAt: Date; endsAt: Date };

/**
 * The four pillars. Year and month change with the sun (立春; the twelve 节) at one instant
 * worldwide. Day and hour are read from `local`, the solar or standard time of the place. From 23:00
 * the hour is 子 of the next day; `dayChangesAt` says whether the day pillar changes with it.
 */
export function pillarsOf(birth: {
  instant: Date;
  local: WallTime;
  timeKnown: boolean;
  dayChangesAt: DayChange;
}): FourPillars {
  const inBeijing = lunarInBeijing(birth.instant);
  const atPlace = lunarAt(birth.local);
  return {
    year: yearPillar(inBeijing),
    month: pairAt({
      stem: inBeijing.getMonthGanIndexExact(),
      branch: inBeijing.getMonthZhiIndexExact(),
    }),
    day: dayPillar(atPlace, birth.dayChangesAt),
    hour: birth.timeKnown
      ? pairAt({ stem: atPlace.getTimeGanIndex(), branch: atPlace.getTimeZhiIndex() })
      : null,
  };
}

/**
 * The BaZi year that contains `now` and the years after it, `count` in total. Each runs from one 立春
 * to the next and has the number of the Gregorian year in which it starts.
 */
export function baziYearsFrom(now: Date, count: number): BaziYear[] {
  const calendarYear = now.getUTCFullYear();
  const first = now < startOfBaziYear(calendarYear) ? calendarYear - 1 : calendarYear;
  return Array.from({ length: count }, (_, ahead) => {
    const year = first + ahead;
    const startsAt = startOfBaziYear(year);
    const { stem, branch } = yearPillar(lunarInBeijing(startsAt));
    return { stem, branch, year, startsAt, endsAt: startOfBaziYear(year + 1) };
  });
}

function yearPillar(inBeijing: Lunar): StemBranch {
  return pairAt({
    stem: inBeijing.getYearGanIndexExact(),
    branch: inBeijing.getYearZhiIndexExact(),
  });
}

/** The library's `Exact` day changes at 23:00, its `Exact2` day at midnight. */
function dayPillar(lunar: Lunar, dayChangesAt: DayChange): StemBranch {
  return dayChangesAt === "23:00"
    ? pairAt({ stem: lunar.getDayGanIndexExact(), branch: lunar.getDayZhiIndexExact() })
    : pairAt({ stem: lunar.getDayGanIndexExact2(), branch: lunar.getDayZhiIndexExact2() });
}

/** The library compares clock times with solar terms in Beijing time, so it gets Beijing time. */
function lunarInBeijing(instant: Date): Lunar {
  return lunarAt(wallTimeOf(instant.getTime() + BEIJING_OFFSET_MS));
}

function lunarAt(wall: WallTime): Lunar {
  const { year, month, day, hour, minute, second } = wall;
  return Solar.fromYmdHms(year, month, day, hour, minute, second).getLunar();
}

function pairAt(indexes: { stem: number; branch: number }): StemBranch {
  return { stem: pick(STEMS, indexes.stem), branch: pick(BRANCHES, indexes.branch) };
}
