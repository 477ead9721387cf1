import { yearPillarAt } from "./pillars";
import { startOfBaziYear } from "./solar-terms";
import type { StemBranch } from "./stems-and-branches";

export type BaziYear = StemBranch & { year: number; startsAt: Date; endsAt: Date };

/**
 * The BaZi year that runs at `now` and those after it, `count` in all, each from one 立春 to the
 * next and numbered by the Gregorian year in which it begins.
 */
export function yearsFrom(now: Date, count: number): BaziYear[] {
  const calendarYear = now.getUTCFullYear();
  const first = now < startOfBaziYear(calendarYear) ? calendarYear - 1 : calendarYear;
  return Array.from({ length: count }, (_, ahead) => {
    const year = first + ahead;
    const startsAt = startOfBaziYear(year);
    return { ...yearPillarAt(startsAt), year, startsAt, endsAt: startOfBaziYear(year + 1) };
  });
}
