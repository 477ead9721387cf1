import { describe, expect, test } from "vitest";
import { birthInputSchema } from "@/products/bazi/birth/input";
import { PLACE_IDS } from "@/products/bazi/birth/places";
import { sexagenaryIndexOf } from "@/products/bazi/chart/stems-and-branches";
import { birthLike, chartOf, numbersFrom, signsOf } from "../births";
import { degreesToMonthBoundary, monthBoundariesAround, yearAndMonthIndex } from "../independent";

describe("luck pillars", () => {
  // 1990 is a 庚 (yang) year, 1991 a 辛 (yin) year; both births lie in a 壬午 / 甲午 month.
  test.each([
    ["a man of a yang year", 1990, "male", "forward", "癸未 甲申 乙酉"],
    ["a woman of a yang year", 1990, "female", "backward", "辛巳 庚辰 己卯"],
    ["a man of a yin year", 1991, "male", "backward", "癸巳 壬辰 辛卯"],
    ["a woman of a yin year", 1991, "female", "forward", "乙未 丙申 丁酉"],
  ] as const)("of %s go %s", (_, year, gender, direction, firstThree) => {
    const { luck } = chartOf({ year, gender });
    expect(luck.direction).toBe(direction);
    expect(luck.pillars.slice(0, 3).map(signsOf).join(" ")).toBe(firstThree);
  });

  test("start after three days a year, worked by hand", () => {
    // 芒种 2013 was at 20:23 on 5 June in Beijing (Hong Kong Observatory). From noon of 1 June that is
    // 4 days 8 h 23 min = 6,263 min = 1 year (4,320) + 5 months (1,800) + 11 days (132) + 11 min.
    const { luck } = chartOf({ year: 2013, month: 6, day: 1, gender: "female" });
    expect(luck.startAge).toMatchObject({ years: 1, months: 5, days: 11 });
    // The Observatory's minute is rounded; a minute is two hours of age.
    expect([20, 22]).toContain(luck.startAge.hours);
    expect(luck.pillars[0]).toMatchObject({ startsOn: "2014-11-13", startAgeYears: 1 });
    expect(luck.pillars[1]).toMatchObject({ startsOn: "2024-11-13", startAgeYears: 11 });
  });

  test("of 200 births all over the fixture, for both genders, agree with roots of the sun's longitude", () => {
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
        // Even numbers of the cycle are yang: yang men and yin women go forwards.
        const forward = (year % 2 === 0) === (gender === "male");
        expect(luck.direction).toBe(forward ? "forward" : "backward");
        const steps = Array.from({ length: 10 }, (_, place) => (forward ? place + 1 : -place - 1));
        expect(luck.pillars.map(sexagenaryIndexOf)).toEqual(
          steps.map((step) => (month + step + 60) % 60),
        );
        const { previous, next: following } = monthBoundariesAround(bornAt);
        const elapsedMs = Math.abs((forward ? following : previous).getTime() - bornAt.getTime());
        // Three days a year: each minute to the term is two hours of age. The longitude is good to
        // 0.01°, a quarter of an hour of the sun's way; so age to 30 hours and 2 of rounding.
        const { years, months, days, hours } = luck.startAge;
        const ours = ((years * 12 + months) * 30 + days) * 24 + hours;
        expect(Math.abs(ours - (elapsedMs / 60_000) * 2), JSON.stringify(birth)).toBeLessThan(32);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(390);
  });

  test("follow one another without a gap, ten years each", () => {
    const { pillars } = chartOf({ year: 1988, month: 2, day: 29 }).luck;
    expect(pillars).toHaveLength(10);
    pillars.slice(1).forEach((pillar, place) => {
      expect(pillar.startsOn).toBe(pillars[place]?.endsOn);
      expect(Number(pillar.endsOn.slice(0, 4)) - Number(pillar.startsOn.slice(0, 4))).toBe(10);
    });
  });

  test("count from the true instant: a birth abroad is as far from the term as one in China", () => {
    const inBeijing = chartOf({ year: 1990, month: 6, day: 15, time: "12:00" });
    const inLondon = chartOf({
      year: 1990,
      month: 6,
      day: 15,
      time: "05:00",
      place: { kind: "city", cityId: "london" },
    });
    // 12:00 of Beijing's daylight saving time is 03:00 UTC; 05:00 BST is 04:00 UTC: an hour apart.
    const hours = ({ luck }: typeof inBeijing) =>
      ((luck.startAge.years * 12 + luck.startAge.months) * 30 + luck.startAge.days) * 24 +
      luck.startAge.hours;
    expect(Math.abs(hours(inLondon) - hours(inBeijing))).toBe(5 * 24);
  });
});
