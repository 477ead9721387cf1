import { type Lunar, Solar } from "lunar-typescript";
import { type WallTime, wallTimeOf } from "../birth/wall-time";
import { pick } from "./elements";
import { BRANCHES, STEMS, type StemBranch } from "./stems-and-branches";

const BEIJING_OFFSET_MS = 8 * 3_600_000;

export type DayChange = "midnight" | "23:00";
export type BarePillars = {
  year: StemBranch;
  month: StemBranch;
  day: StemBranch;
  hour: StemBranch | null;
};

/**
 * The four pillars. Year and month follow the sun and change at one instant all over the world
 * (立春; the twelve 节): the library keeps the terms in Beijing time, so the instant of birth is shown
 * to it as Beijing's clock. Day and hour follow the place: they are read from `local`, the solar (or
 * standard) time there. At 23:00 the hour is 子 of the coming day in both schools; whether the day
 * pillar changes with it or at midnight is `dayChangesAt`.
 */
export function pillarsOf(birth: {
  instant: Date;
  local: WallTime;
  timeKnown: boolean;
  dayChangesAt: DayChange;
}): BarePillars {
  const inBeijing = lunarAt(wallTimeOf(birth.instant.getTime() + BEIJING_OFFSET_MS));
  const atPlace = lunarAt(birth.local);
  return {
    year: pair(inBeijing.getYearGanIndexExact(), inBeijing.getYearZhiIndexExact()),
    month: pair(inBeijing.getMonthGanIndexExact(), inBeijing.getMonthZhiIndexExact()),
    day: dayPillar(atPlace, birth.dayChangesAt),
    hour: birth.timeKnown ? pair(atPlace.getTimeGanIndex(), atPlace.getTimeZhiIndex()) : null,
  };
}

/** The BaZi year that is running at an instant. */
export function yearPillarAt(instant: Date): StemBranch {
  const lunar = lunarAt(wallTimeOf(instant.getTime() + BEIJING_OFFSET_MS));
  return pair(lunar.getYearGanIndexExact(), lunar.getYearZhiIndexExact());
}

/** The library's `Exact` day changes at 23:00, its `Exact2` day at midnight. */
function dayPillar(lunar: Lunar, dayChangesAt: DayChange): StemBranch {
  return dayChangesAt === "23:00"
    ? pair(lunar.getDayGanIndexExact(), lunar.getDayZhiIndexExact())
    : pair(lunar.getDayGanIndexExact2(), lunar.getDayZhiIndexExact2());
}

function lunarAt(wall: WallTime): Lunar {
  const { year, month, day, hour, minute, second } = wall;
  return Solar.fromYmdHms(year, month, day, hour, minute, second).getLunar();
}

function pair(stemIndex: number, branchIndex: number): StemBranch {
  return { stem: pick(STEMS, stemIndex), branch: pick(BRANCHES, branchIndex) };
}
