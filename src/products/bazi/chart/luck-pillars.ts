import { millisecondsInHour, millisecondsInMinute, monthsInYear } from "date-fns/constants";
import { dayName } from "@/lib/utc-period";
import { isoDateOf, type WallTime, wallMsOf, wallTimeOf } from "../birth/wall-time";
import type { Chart, LuckPillar } from "./chart";
import { monthTermsAround } from "./solar-terms";
import {
  polarityOfStem,
  type Stem,
  type StemBranch,
  sexagenaryIndexOf,
  stemBranchAt,
} from "./stems-and-branches";
import { tenGodOf } from "./ten-gods";

const LUCK_PILLARS = 10;
const YEARS_PER_PILLAR = 10;
/** Minutes between birth and term per unit of age: three days are one year, 12 minutes one day. */
const MINUTES_PER_YEAR = 4320;
const MINUTES_PER_MONTH = 360;
const MINUTES_PER_DAY = 12;
const HOURS_PER_MINUTE = 2;

/** The position of an instant in the luck pillars of a chart. */
export type LuckNow =
  | { kind: "not-born" }
  | { kind: "before-first" }
  | { kind: "in-pillar"; index: number }
  | { kind: "after-last" };

/**
 * The ten-year luck pillars (大运). They run forward from the month pillar for men born in yang years
 * and women born in yin years, otherwise backward. The starting age is the time to the next month
 * term (forward) or since the previous one (backward), three days per year of age, in whole minutes.
 * Dates are civil dates of the birth place.
 */
export function luckPillarsOf(birth: {
  gender: "male" | "female";
  instant: Date;
  civil: WallTime;
  yearStem: Stem;
  month: StemBranch;
  dayMaster: Stem;
}) {
  const forward = (polarityOfStem(birth.yearStem) === "yang") === (birth.gender === "male");
  const startAge = startAgeOf(birth.instant, forward);
  const first = startDateOf(birth.civil, startAge);
  const monthIndex = sexagenaryIndexOf(birth.month);
  const pillars = Array.from({ length: LUCK_PILLARS }, (_, index) => {
    const { stem, branch } = stemBranchAt(monthIndex + (forward ? index + 1 : -index - 1));
    return {
      stem,
      branch,
      tenGod: tenGodOf({ dayMaster: birth.dayMaster, stem }),
      startsOn: isoDateOf(addMonths(first, index * YEARS_PER_PILLAR * monthsInYear)),
      endsOn: isoDateOf(addMonths(first, (index + 1) * YEARS_PER_PILLAR * monthsInYear)),
      startAgeYears: startAge.years + index * YEARS_PER_PILLAR,
    };
  });
  const direction: "forward" | "backward" = forward ? "forward" : "backward";
  return { direction, startAge, pillars };
}

/** Compares dates only, because the start of a luck pillar is accurate to hours at best. */
export function luckNowOf(chart: Chart, now: Date): LuckNow {
  if (now < new Date(chart.birth.bornAt)) return { kind: "not-born" };
  const today = dayName(now);
  const index = chart.luck.pillars.findIndex(({ endsOn }) => today < endsOn);
  if (index === -1) return { kind: "after-last" };
  const pillar = chart.luck.pillars[index];
  if (index === 0 && pillar !== undefined && today < pillar.startsOn)
    return { kind: "before-first" };
  return { kind: "in-pillar", index };
}

/** The luck pillar at an instant; null before the first and after the last. */
export function luckPillarAt(chart: Chart, instant: Date): LuckPillar | null {
  const now = luckNowOf(chart, instant);
  return now.kind === "in-pillar" ? (chart.luck.pillars[now.index] ?? null) : null;
}

type StartAge = ReturnType<typeof startAgeOf>;

function startAgeOf(instant: Date, forward: boolean) {
  const { previous, next } = monthTermsAround(instant);
  const elapsedMs = forward
    ? next.at.getTime() - instant.getTime()
    : instant.getTime() - previous.at.getTime();
  let minutes = Math.floor(elapsedMs / millisecondsInMinute);
  const take = (unitMinutes: number) => {
    const units = Math.floor(minutes / unitMinutes);
    minutes -= units * unitMinutes;
    return units;
  };
  const years = take(MINUTES_PER_YEAR);
  const months = take(MINUTES_PER_MONTH);
  const days = take(MINUTES_PER_DAY);
  return { years, months, days, hours: minutes * HOURS_PER_MINUTE };
}

function startDateOf(civil: WallTime, age: StartAge): WallTime {
  const withMonths = addMonths(civil, age.years * monthsInYear + age.months);
  return wallTimeOf(wallMsOf(withMonths) + (age.days * 24 + age.hours) * millisecondsInHour);
}

/** Adds calendar months. A day beyond the end of the month becomes its last day. */
function addMonths(wall: WallTime, months: number): WallTime {
  const monthIndex = wall.year * monthsInYear + wall.month - 1 + months;
  const year = Math.floor(monthIndex / monthsInYear);
  const month = (monthIndex % monthsInYear) + 1;
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return { ...wall, year, month, day: Math.min(wall.day, lastDay) };
}
