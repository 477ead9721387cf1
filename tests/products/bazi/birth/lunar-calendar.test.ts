import { describe, expect, test } from "vitest";
import {
  civilDateOfLunar,
  lunarDateOfCivil,
  lunarMonthLengthDays,
} from "@/products/bazi/birth/lunar-calendar";
import { isoDateOf, wallTimeOf } from "@/products/bazi/birth/wall-time";
import { pillarSigns } from "../births";

const intlCalendar = new Intl.DateTimeFormat("en-u-ca-chinese", {
  timeZone: "UTC",
  year: "numeric",
  month: "numeric",
  day: "numeric",
});

/** The date in ICU's Chinese calendar: an implementation that shares nothing with the library. */
function intlLunarDate(wallMs: number): string {
  const parts = Object.fromEntries(
    intlCalendar.formatToParts(new Date(wallMs)).map(({ type, value }) => [type, value]),
  );
  return `${parts.relatedYear}-${parts.month}-${parts.day}`;
}

/**
 * The months, by their first Gregorian month, in which ICU's coarser new moons put a month's first
 * day elsewhere, because the new moon falls within minutes of midnight in Beijing (or because ICU
 * then misplaces a leap month). For those in reach of an almanac (leap 2nd month of 1917, leap 5th
 * of 1922, leap 6th of 1987, new year on 3 February 1954, 6 February 2027 and 3 February 2030, 10th
 * month from 8 November 2018) the almanac is with the library.
 */
const ICU_ASTRAY =
  /^(1917-0[345]|1922-0[678]|1954-0[23]|1955-0[23]|1987-0[789]|1999-0[12]|2012-0[89]|2018-1[12]|2027-0[23]|2030-0[23]|2070-0[34])/;

describe("the lunar calendar", () => {
  test("agrees with ICU's on every day from 1900 to 2100, but where ICU is known to be astray", () => {
    let astray = 0;
    for (let wallMs = Date.UTC(1900, 0, 31); wallMs < Date.UTC(2101, 0, 1); wallMs += 86_400_000) {
      const civil = wallTimeOf(wallMs);
      const { year, month, day, isLeapMonth } = lunarDateOfCivil(civil);
      if (`${year}-${month}${isLeapMonth ? "bis" : ""}-${day}` === intlLunarDate(wallMs)) continue;
      astray += 1;
      expect(isoDateOf(civil)).toMatch(ICU_ASTRAY);
    }
    expect(astray).toBeLessThan(73_384 / 100);
  });

  test("converts there and back", () => {
    for (
      let wallMs = Date.UTC(1900, 0, 31);
      wallMs < Date.UTC(2101, 0, 1);
      wallMs += 11 * 86_400_000
    ) {
      const { year, month, day } = wallTimeOf(wallMs);
      expect(civilDateOfLunar(lunarDateOfCivil({ year, month, day }))).toEqual({
        year,
        month,
        day,
      });
    }
  });

  test.each([
    ["new year 1954", { year: 1954, month: 1, day: 1, isLeapMonth: false }, "1954-02-03"],
    ["new year 2027", { year: 2027, month: 1, day: 1, isLeapMonth: false }, "2027-02-06"],
    ["new year 2030", { year: 2030, month: 1, day: 1, isLeapMonth: false }, "2030-02-03"],
    [
      "the 5th month of 2013, from 8 June",
      { year: 2013, month: 5, day: 1, isLeapMonth: false },
      "2013-06-08",
    ],
    ["leap 2nd month of 2023", { year: 2023, month: 2, day: 1, isLeapMonth: true }, "2023-03-22"],
    ["leap 6th month of 2025", { year: 2025, month: 6, day: 1, isLeapMonth: true }, "2025-07-25"],
    [
      "the disputed leap 11th month of 2033",
      { year: 2033, month: 11, day: 1, isLeapMonth: true },
      "2033-12-22",
    ],
    [
      "the first day of lunar 1900",
      { year: 1900, month: 1, day: 1, isLeapMonth: false },
      "1900-01-31",
    ],
  ])("%s", (_, lunar, civil) => {
    expect(isoDateOf(civilDateOfLunar(lunar) ?? { year: 0, month: 0, day: 0 })).toBe(civil);
  });

  test("knows which months there are and how long they are", () => {
    expect(lunarMonthLengthDays({ year: 2023, month: 2, isLeapMonth: true })).toBe(29);
    expect(lunarMonthLengthDays({ year: 2023, month: 2, isLeapMonth: false })).toBe(30);
    expect(lunarMonthLengthDays({ year: 2023, month: 3, isLeapMonth: true })).toBeNull();
    expect(civilDateOfLunar({ year: 2023, month: 2, day: 30, isLeapMonth: true })).toBeNull();
  });

  test("a leap month and the month it follows give different births", () => {
    const birth = { calendar: "lunar" as const, year: 2023, month: 2, day: 15 };
    expect(pillarSigns({ ...birth, isLeapMonth: false })).toBe(
      pillarSigns({ year: 2023, month: 3, day: 6 }),
    );
    expect(pillarSigns({ ...birth, isLeapMonth: true })).toBe(
      pillarSigns({ year: 2023, month: 4, day: 5 }),
    );
  });
});
