import { millisecondsInMinute } from "date-fns/constants";
import { describe, expect, it } from "vitest";
import { birthInputSchema } from "@/products/bazi/birth/input";
import { PLACE_IDS } from "@/products/bazi/birth/places";
import { sexagenaryIndexOf } from "@/products/bazi/chart/stems-and-branches";
import { birthLike, chartOf, numbersFrom, signsOf } from "../births";
import {
  degreesToMonthBoundary,
  monthBoundariesAround,
  yearAndMonthIndex,
} from "../reference-calculation";

describe("luckPillarsOf", () => {
  // 1990 is a 庚 (yang) year and the month is 壬午; 1991 is a 辛 (yin) year and the month is 甲午.
  it.each([
    ["forward", "men born in yang years", 1990, "male", "癸未 甲申 乙酉"],
    ["backward", "women born in yang years", 1990, "female", "辛巳 庚辰 己卯"],
    ["backward", "men born in yin years", 1991, "male", "癸巳 壬辰 辛卯"],
    ["forward", "women born in yin years", 1991, "female", "乙未 丙申 丁酉"],
  ] as const)("runs %s for %s", (direction, _, year, gender, firstThree) => {
    const { luck } = chartOf({ year, gender });
    expect(luck.direction).toBe(direction);
    expect(luck.pillars.slice(0, 3).map(signsOf).join(" ")).toBe(firstThree);
  });

  it("computes the starting age at three days per year, as worked by hand", () => {
    // 芒种 2013 was at 20:23 on 5 June in Beijing (Hong Kong Observatory). From noon on 1 June that is
    // 4 days 8 h 23 min = 6,263 min = 1 year (4,320) + 5 months (1,800) + 11 days (132) + 11 min.
    const { luck } = chartOf({ year: 2013, month: 6, day: 1, gender: "female" });
    expect(luck.startAge).toMatchObject({ years: 1, months: 5, days: 11 });
    // The Observatory rounds to the minute, and one minute is two hours of age.
    expect([20, 22]).toContain(luck.startAge.hours);
    expect(luck.pillars[0]).toMatchObject({ startsOn: "2014-11-13", startAgeYears: 1 });
    expect(luck.pillars[1]).toMatchObject({ startsOn: "2024-11-13", startAgeYears: 11 });
  });

  it("agrees with roots of the sun's longitude for 200 births worldwide and both genders", () => {
    const next = numbersFrom(7);
    let compared = 0;
    for (let count = 0; count < 200; count += 1) {
      const birth = {
        year: 1900 + next(200),
        month: 1 + next(12),
        day: 1 + next(28),
        time: `${String(next(24)).padStart(2, "0")}:17`,
        place: { kind: "city" as const, cityId: PLACE_IDS[next(PLACE_IDS.length)] ?? "beijing" },
      };
      for (const gender of ["male", "female"] as const) {
        if (!birthInputSchema.safeParse(birthLike({ ...birth, gender })).success) continue;
        const { birth: facts, luck } = chartOf({ ...birth, gender });
        const bornAt = new Date(facts.bornAt);
        if (degreesToMonthBoundary(bornAt) < 0.02) continue;
        const { year, month } = yearAndMonthIndex(bornAt);
        // Even indexes of the cycle are yang.
        const forward = (year % 2 === 0) === (gender === "male");
        expect(luck.direction).toBe(forward ? "forward" : "backward");
        const steps = Array.from({ length: 10 }, (_, index) => (forward ? index + 1 : -index - 1));
        expect(luck.pillars.map(sexagenaryIndexOf)).toEqual(
          steps.map((step) => (month + step + 60) % 60),
        );
        const { previous, next: following } = monthBoundariesAround(bornAt);
        const elapsedMs = Math.abs((forward ? following : previous).getTime() - bornAt.getTime());
        // One minute to the term is two hours of age. The reference is accurate to 15 minutes, so
        // age is accurate to 30 hours, plus 2 hours of rounding.
        const { years, months, days, hours } = luck.startAge;
        const ours = ((years * 12 + months) * 30 + days) * 24 + hours;
        expect(
          Math.abs(ours - (elapsedMs / millisecondsInMinute) * 2),
          JSON.stringify(birth),
        ).toBeLessThan(32);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(390);
  });

  it("returns ten consecutive pillars of ten years each", () => {
    const { pillars } = chartOf({ year: 1988, month: 2, day: 29 }).luck;
    expect(pillars).toHaveLength(10);
    pillars.slice(1).forEach((pillar, index) => {
      expect(pillar.startsOn).toBe(pillars[index]?.endsOn);
      expect(Number(pillar.endsOn.slice(0, 4)) - Number(pillar.startsOn.slice(0, 4))).toBe(10);
    });
  });

  it("measures the distance to the term from the instant of birth, also abroad", () => {
    const inBeijing = chartOf({ year: 1990, month: 6, day: 15, time: "12:00" });
    const inLondon = chartOf({
      year: 1990,
      month: 6,
      day: 15,
      time: "05:00",
      place: { kind: "city", cityId: "london" },
    });
    // 12:00 in Beijing is 03:00 UTC (daylight saving), and 05:00 in London is 04:00 UTC.
    const hours = ({ luck }: typeof inBeijing) =>
      ((luck.startAge.years * 12 + luck.startAge.months) * 30 + luck.startAge.days) * 24 +
      luck.startAge.hours;
    expect(Math.abs(hours(inLondon) - hours(inBeijing))).toBe(5 * 24);
  });
});
