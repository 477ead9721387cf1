import { millisecondsInDay } from "date-fns/constants";
import { describe, expect, it } from "vitest";
import { equationOfTimeSeconds, trueSolarTimeAt } from "@/products/bazi/birth/true-solar-time";
import { chartOf, signsOf } from "../births";
import { spencerEquationOfTime } from "../reference-calculation";

describe("equationOfTimeSeconds", () => {
  it("returns 13 min 42.6 s for 13 October 1992 (Meeus, example 28.a)", () => {
    const seconds = equationOfTimeSeconds(new Date("1992-10-13T00:00:00Z"));
    expect(Math.abs(seconds - 822.6)).toBeLessThan(1);
  });

  it("stays within a minute of Spencer's Fourier series, all year in every decade", () => {
    for (let year = 1905; year <= 2100; year += 10) {
      for (let day = 0; day < 365; day += 5) {
        const instant = new Date(Date.UTC(year, 0, 1, 12) + day * millisecondsInDay);
        expect(
          Math.abs(equationOfTimeSeconds(instant) - spencerEquationOfTime(instant)),
          `${year}+${day}`,
        ).toBeLessThan(60);
      }
    }
  });

  it("is zero four times a year and reaches its known extremes", () => {
    const seconds = Array.from({ length: 365 }, (_, day) =>
      equationOfTimeSeconds(new Date(Date.UTC(2025, 0, 1 + day, 12))),
    );
    const crossings = seconds
      .slice(1)
      .filter((value, day) => Math.sign(value) !== Math.sign(seconds[day] ?? 0));
    expect(crossings).toHaveLength(4);
    // 11 February: −14 min 14 s; 3 November: +16 min 25 s.
    expect(Math.min(...seconds)).toBeCloseTo(-853, -1);
    expect(Math.max(...seconds)).toBeCloseTo(986, -1);
  });
});

describe("trueSolarTimeAt", () => {
  it("adds longitude and equation of time to UTC", () => {
    const solar = trueSolarTimeAt({
      instant: new Date("2025-11-03T04:00:00Z"),
      longitude: 104.07,
      utcOffsetSeconds: 28_800,
    });
    // Chengdu is 15.93° west of 120°, which is 63 min 43 s. The equation of time is 16 min 26 s.
    expect(solar.longitudeCorrectionSeconds).toBe(-3823);
    expect(Math.abs(solar.equationOfTimeSeconds - 986)).toBeLessThanOrEqual(3);
    expect(solar.wall).toMatchObject({ day: 3, hour: 11, minute: 12 });
  });

  it("changes the double hour of a birth", () => {
    const birth = {
      year: 2025,
      month: 11,
      day: 3,
      time: "13:30",
      place: { kind: "city" as const, cityId: "chengdu" as const },
    };
    expect(signsOf(chartOf(birth).pillars.hour ?? { stem: "jia", branch: "zi" }).slice(1)).toBe(
      "未",
    );
    expect(
      signsOf(
        chartOf({ ...birth, useTrueSolarTime: true }).pillars.hour ?? { stem: "jia", branch: "zi" },
      ).slice(1),
    ).toBe("午");
  });

  it("keeps the civil date where the date line bends", () => {
    // Apia uses UTC+13 at 171.76° west. Its sun is one hour behind the clock, not a day and an hour.
    const solar = trueSolarTimeAt({
      instant: new Date("2024-07-01T00:00:00Z"),
      longitude: -171.76,
      utcOffsetSeconds: 46_800,
    });
    expect(solar.wall).toMatchObject({ month: 7, day: 1, hour: 12, minute: 29 });
  });
});
