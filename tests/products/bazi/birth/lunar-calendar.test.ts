import { millisecondsInDay } from "date-fns/constants";
import { describe, expect, it } from "vitest";
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

/** The date in ICU's Chinese calendar, which shares no code with the library. */
function intlLunarDate(wallMs: number): string {
  const parts = Object.fromEntries(
    intlCalendar.formatToParts(new Date(wallMs)).map(({ type, value }) => [type, value]),
  );
  return `${parts.relatedYear}-${parts.month}-${parts.day}`;
}

/**
 * Gregorian months in which ICU differs: its new moons are less accurate, which matters within
 * minutes of midnight in Beijing and can misplace a leap month. Almanacs agree with the library for
 * the leap months of 1917 (2nd), 1922 (5th) and 1987 (6th), the new years of 1954, 2027 and 2030, and
 * the 10th month of 2018; none was available for the others.
 */
const ICU_DIFFERS =
  /^(1917-0[345]|1922-0[678]|1954-0[23]|1955-0[23]|1987-0[789]|1999-0[12]|2012-0[89]|2018-1[12]|2027-0[23]|2030-0[23]|2070-0[34])/;

describe("lunarDateOfCivil", () => {
  it("agrees with ICU on every day from 1900 to 2100 except in months known to differ", () => {
    let differences = 0;
    for (
      let wallMs = Date.UTC(1900, 0, 31);
      wallMs < Date.UTC(2101, 0, 1);
      wallMs += millisecondsInDay
    ) {
      const civil = wallTimeOf(wallMs);
      const { year, month, day, isLeapMonth } = lunarDateOfCivil(civil);
      if (`${year}-${month}${isLeapMonth ? "bis" : ""}-${day}` === intlLunarDate(wallMs)) continue;
      differences += 1;
      expect(isoDateOf(civil)).toMatch(ICU_DIFFERS);
    }
    expect(differences).toBeLessThan(73_384 / 100);
  });
});

describe("civilDateOfLunar", () => {
  it("inverts lunarDateOfCivil", () => {
    for (
      let wallMs = Date.UTC(1900, 0, 31);
      wallMs < Date.UTC(2101, 0, 1);
      wallMs += 11 * millisecondsInDay
    ) {
      const { year, month, day } = wallTimeOf(wallMs);
      expect(civilDateOfLunar(lunarDateOfCivil({ year, month, day }))).toEqual({
        year,
        month,
        day,
      });
    }
  });

  it.each([
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
  ])("converts %s", (_, lunar, civil) => {
    expect(isoDateOf(civilDateOfLunar(lunar) ?? { year: 0, month: 0, day: 0 })).toBe(civil);
  });

  it("returns null for a day that does not exist, as lunarMonthLengthDays does for a month", () => {
    expect(lunarMonthLengthDays({ year: 2023, month: 2, isLeapMonth: true })).toBe(29);
    expect(lunarMonthLengthDays({ year: 2023, month: 2, isLeapMonth: false })).toBe(30);
    expect(lunarMonthLengthDays({ year: 2023, month: 3, isLeapMonth: true })).toBeNull();
    expect(civilDateOfLunar({ year: 2023, month: 2, day: 30, isLeapMonth: true })).toBeNull();
  });

  it("distinguishes a leap month from the month that it follows", () => {
    const birth = { calendar: "lunar" as const, year: 2023, month: 2, day: 15 };
    expect(pillarSigns({ ...birth, isLeapMonth: false })).toBe(
      pillarSigns({ year: 2023, month: 3, day: 6 }),
    );
    expect(pillarSigns({ ...birth, isLeapMonth: true })).toBe(
      pillarSigns({ year: 2023, month: 4, day: 5 }),
    );
  });
});
