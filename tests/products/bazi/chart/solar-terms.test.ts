import { millisecondsInDay } from "date-fns/constants";
import { describe, expect, it } from "vitest";
import {
  monthBranchOf,
  monthTermsAround,
  SOLAR_TERMS,
  solarTermsAround,
  solarTermsOfYear,
  startOfBaziYear,
} from "@/products/bazi/chart/solar-terms";
import { equinoxesAndSolstices } from "../reference-calculation";

/** Hong Kong Observatory, "Date and time of the 24 solar terms in 2013", Hong Kong time (UTC+8). */
const OBSERVATORY_2013 =
  "01-05 12:34, 01-20 05:52, 02-04 00:13, 02-18 20:02, 03-05 18:15, 03-20 19:02, 04-04 23:02, 04-20 06:03, 05-05 16:18, 05-21 05:09, 06-05 20:23, 06-21 13:04, 07-07 06:35, 07-22 23:56, 08-07 16:20, 08-23 07:02, 09-07 19:16, 09-23 04:44, 10-08 10:58, 10-23 14:10, 11-07 14:14, 11-22 11:48, 12-07 07:09, 12-22 01:11";

describe("solarTermsOfYear", () => {
  it("agrees with the Hong Kong Observatory to the minute", () => {
    const published = OBSERVATORY_2013.split(", ");
    expect(published).toHaveLength(24);
    solarTermsOfYear(2013).forEach(({ term, at }, index) => {
      const stated = new Date(`2013-${published[index]?.replace(" ", "T")}:00+08:00`);
      // The Observatory rounds to the nearest minute.
      expect(Math.abs(at.getTime() - stated.getTime()), term).toBeLessThanOrEqual(31_000);
    });
  });

  it("agrees with Meeus' equinoxes and solstices in every year from 1900 to 2100", () => {
    for (let year = 1900; year <= 2100; year += 1) {
      const terms = solarTermsOfYear(year);
      equinoxesAndSolstices(year).forEach((stated, season) => {
        const at = terms[5 + season * 6]?.at ?? new Date(0);
        // Meeus' series is accurate to a minute. The predictions of the Earth's rotation differ by more.
        const allowedSeconds = year <= 2050 ? 75 : 150;
        expect(Math.abs(at.getTime() - stated.getTime()) / 1000, `${year}/${season}`).toBeLessThan(
          allowedSeconds,
        );
      });
    }
  });

  it("returns 24 terms per year, about fifteen days apart, across the end of the year", () => {
    const terms = Array.from({ length: 202 }, (_, index) => solarTermsOfYear(1899 + index)).flat();
    expect(terms).toHaveLength(202 * 24);
    terms.slice(1).forEach(({ at }, index) => {
      const days = (at.getTime() - (terms[index]?.at.getTime() ?? 0)) / millisecondsInDay;
      expect(days).toBeGreaterThan(14.6);
      expect(days).toBeLessThan(15.9);
    });
  });
});

describe("solarTermsAround", () => {
  it("returns a term as the previous one from its own instant on", () => {
    const spring = startOfBaziYear(2024);
    expect(solarTermsAround(spring).previous).toEqual({ term: "start-of-spring", at: spring });
    const before = solarTermsAround(new Date(spring.getTime() - 1000));
    expect([before.previous.term, before.next.term]).toEqual(["major-cold", "start-of-spring"]);
    const month = monthTermsAround(new Date(spring.getTime() - 1000));
    expect([month.previous.term, month.next.term]).toEqual(["minor-cold", "start-of-spring"]);
  });
});

describe("monthBranchOf", () => {
  it("assigns the months 丑 寅 卯 … 子 to the month terms", () => {
    const branches = SOLAR_TERMS.filter((_, index) => index % 2 === 0).map(monthBranchOf);
    expect(branches).toEqual([
      "chou",
      "yin",
      "mao",
      "chen",
      "si",
      "wu",
      "wei",
      "shen",
      "you",
      "xu",
      "hai",
      "zi",
    ]);
  });
});
