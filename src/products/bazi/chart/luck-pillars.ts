import { isoDateOf, type WallTime, wallMsOf, wallTimeOf } from "../birth/wall-time";
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
/** Three days to the term are one year of life; so 72 hours 12 months, 6 hours one, 12 minutes a day. */
const MINUTES_PER_YEAR = 4320;
const MINUTES_PER_MONTH = 360;
const MINUTES_PER_DAY = 12;

/**
 * The ten-year luck pillars (大运). They go forwards from the month pillar for a yang year's men and a
 * yin year's women, backwards for the others. The first begins at the age that the time from birth
 * to the next month term (forwards), or since the last one (backwards), comes to at three days a
 * year, counted in whole minutes. Dates are the civil dates of the birth place.
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
  const pillars = Array.from({ length: LUCK_PILLARS }, (_, place) => {
    const { stem, branch } = stemBranchAt(monthIndex + (forward ? place + 1 : -place - 1));
    return {
      stem,
      branch,
      tenGod: tenGodOf({ dayMaster: birth.dayMaster, stem }),
      startsOn: isoDateOf(addMonths(first, place * YEARS_PER_PILLAR * 12)),
      endsOn: isoDateOf(addMonths(first, (place + 1) * YEARS_PER_PILLAR * 12)),
      startAgeYears: startAge.years + place * YEARS_PER_PILLAR,
    };
  });
  const direction: "forward" | "backward" = forward ? "forward" : "backward";
  return { direction, startAge, pillars };
}

function startAgeOf(instant: Date, forward: boolean) {
  const { previous, next } = monthTermsAround(instant);
  const elapsedMs = forward
    ? next.at.getTime() - instant.getTime()
    : instant.getTime() - previous.at.getTime();
  let minutes = Math.floor(elapsedMs / 60_000);
  const take = (unitMinutes: number) => {
    const units = Math.floor(minutes / unitMinutes);
    minutes -= units * unitMinutes;
    return units;
  };
  const years = take(MINUTES_PER_YEAR);
  const months = take(MINUTES_PER_MONTH);
  const days = take(MINUTES_PER_DAY);
  return { years, months, days, hours: minutes * 2 };
}

type StartAge = ReturnType<typeof startAgeOf>;

function startDateOf(civil: WallTime, age: StartAge): WallTime {
  const withMonths = addMonths(civil, age.years * 12 + age.months);
  return wallTimeOf(wallMsOf(withMonths) + (age.days * 24 + age.hours) * 3_600_000);
}

/** Adds calendar months; a day that the month does not have becomes its last. */
function addMonths(wall: WallTime, months: number): WallTime {
  const monthIndex = wall.year * 12 + wall.month - 1 + months;
  const year = Math.floor(monthIndex / 12);
  const month = (monthIndex % 12) + 1;
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return { ...wall, year, month, day: Math.min(wall.day, lastDay) };
}
