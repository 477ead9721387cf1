import { describe, expect, test } from "vitest";
import en from "@/i18n/messages/en/bazi.json";
import { birthInputSchema } from "@/products/bazi/birth/input";
import { birthLike } from "../births";

/** `field: code` of everything that is wrong with a birth. */
function problemsOf(changes: Record<string, unknown>): string[] {
  const parsed = birthInputSchema.safeParse({ ...birthLike(), ...changes });
  return parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${String(path[0])}: ${message}`);
}

const at = (cityId: string) => ({ place: { kind: "city", cityId } });

describe("a birth is refused with a reason beside the field when", () => {
  test.each([
    ["it has no name", { name: "  " }, "name: name_required"],
    ["its name is endless", { name: "x".repeat(61) }, "name: name_too_long"],
    ["no gender is chosen", { gender: "" }, "gender: gender_required"],
    ["the year is before 1900", { year: 1899 }, "year: year_out_of_range"],
    ["the year is after 2100", { year: 2101 }, "year: year_out_of_range"],
    ["the year is empty", { year: Number.NaN }, "year: year_out_of_range"],
    ["there is no such month", { month: 13 }, "month: month_invalid"],
    ["there is no such day anywhere", { day: 32 }, "day: day_invalid"],
    ["the month has no such day", { month: 2, day: 31 }, "day: day_not_in_month"],
    ["the year is no leap year", { year: 1900, month: 2, day: 29 }, "day: day_not_in_month"],
    [
      "the lunar year has no such leap month",
      { calendar: "lunar", year: 2023, month: 3, day: 1, isLeapMonth: true },
      "isLeapMonth: leap_month_not_in_year",
    ],
    [
      "the lunar month has 29 days",
      { calendar: "lunar", year: 2023, month: 2, day: 30, isLeapMonth: true },
      "day: day_not_in_lunar_month",
    ],
    [
      "a lunar date ends after 2100",
      { calendar: "lunar", year: 2100, month: 12, day: 15 },
      "year: year_out_of_range",
    ],
    ["the time is none", { time: "24:00" }, "time: time_invalid"],
    [
      "China's clocks jumped over it",
      { year: 1988, month: 4, day: 17, time: "02:30" },
      "time: time_skipped_in_zone",
    ],
    [
      "New York's clocks jumped over it",
      { year: 2024, month: 3, day: 10, time: "02:30", ...at("new-york") },
      "time: time_skipped_in_zone",
    ],
    [
      "the island skipped the day",
      {
        year: 2011,
        month: 12,
        day: 30,
        time: null,
        place: { kind: "coordinates", longitude: -171.76, zone: "Pacific/Apia" },
      },
      "day: day_skipped_in_zone",
    ],
    ["the city is not in the list", at("atlantis"), "place: place_required"],
    [
      "the longitude is none",
      { place: { kind: "coordinates", longitude: 181, zone: "UTC" } },
      "place: longitude_invalid",
    ],
    [
      "the zone is none",
      { place: { kind: "coordinates", longitude: 0, zone: "Beijing" } },
      "place: zone_invalid",
    ],
    [
      "longitude and zone are fixtures apart",
      { place: { kind: "coordinates", longitude: -120, zone: "Asia/Shanghai" } },
      "place: longitude_not_in_zone",
    ],
  ])("%s", (_, changes, problem) => {
    expect(problemsOf(changes)).toEqual([problem]);
    expect(Object.keys(en.problems)).toContain(problem.split(": ")[1]);
  });
});

describe("a birth is taken when", () => {
  test.each([
    ["it is the first day of the range", { year: 1900, month: 1, day: 1 }],
    ["it is the last day of the range", { year: 2100, month: 12, day: 31, time: "23:59" }],
    ["it is a leap day", { year: 2000, month: 2, day: 29 }],
    [
      "its lunar month is a leap month",
      { calendar: "lunar", year: 2023, month: 2, day: 29, isLeapMonth: true },
    ],
    ["its time is unknown", { time: null }],
    ["it lies in the far west of China", at("kashgar")],
    [
      "it lies beyond the bend of the date line",
      { place: { kind: "coordinates", longitude: -157.4, zone: "Pacific/Kiritimati" } },
    ],
    ["it happened twice", { year: 2024, month: 11, day: 3, time: "01:30", ...at("new-york") }],
  ])("%s", (_, changes) => {
    expect(problemsOf(changes)).toEqual([]);
  });
});
