import { describe, expect, it } from "vitest";
import { birthInputSchema } from "@/products/bazi/birth/input";
import en from "@/products/bazi/messages/en/bazi.json";
import { birthLike } from "../births";

/** The problems of a birth as `field: code`. */
function problemsOf(changes: Record<string, unknown>): string[] {
  const parsed = birthInputSchema.safeParse({ ...birthLike(), ...changes });
  return parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${String(path[0])}: ${message}`);
}

const at = (cityId: string) => ({ place: { kind: "city", cityId } });

describe("birthInputSchema", () => {
  it("replaces characters that Postgres cannot store in a name", () => {
    const name = "Mei\0 \ud800";
    expect(birthInputSchema.parse({ ...birthLike(), name }).name).toBe("Mei\ufffd \ufffd");
  });

  it.each([
    ["the name is blank", { name: "  " }, "name: name_required"],
    ["the name is too long", { name: "x".repeat(61) }, "name: name_too_long"],
    ["the gender is missing", { gender: "" }, "gender: gender_required"],
    ["the year is before 1900", { year: 1899 }, "year: year_out_of_range"],
    ["the year is after 2100", { year: 2101 }, "year: year_out_of_range"],
    ["the year is not a number", { year: Number.NaN }, "year: year_out_of_range"],
    ["the month does not exist", { month: 13 }, "month: month_invalid"],
    ["no month has the day", { day: 32 }, "day: day_invalid"],
    ["the month does not have the day", { month: 2, day: 31 }, "day: day_not_in_month"],
    [
      "29 February is not in a leap year",
      { year: 1900, month: 2, day: 29 },
      "day: day_not_in_month",
    ],
    [
      "the lunar year does not have the leap month",
      { calendar: "lunar", year: 2023, month: 3, day: 1, isLeapMonth: true },
      "isLeapMonth: leap_month_not_in_year",
    ],
    [
      "the lunar month has only 29 days",
      { calendar: "lunar", year: 2023, month: 2, day: 30, isLeapMonth: true },
      "day: day_not_in_lunar_month",
    ],
    [
      "a lunar date of 2100 falls in 2101",
      { calendar: "lunar", year: 2100, month: 12, day: 15 },
      "year: year_out_of_range",
    ],
    ["the time is not a time of day", { time: "24:00" }, "time: time_invalid"],
    [
      "clocks in China skipped the time",
      { year: 1988, month: 4, day: 17, time: "02:30" },
      "time: time_skipped_in_zone",
    ],
    [
      "clocks in New York skipped the time",
      { year: 2024, month: 3, day: 10, time: "02:30", ...at("new-york") },
      "time: time_skipped_in_zone",
    ],
    [
      "Samoa skipped the day",
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
      "the longitude is out of range",
      { place: { kind: "coordinates", longitude: 181, zone: "UTC" } },
      "place: longitude_invalid",
    ],
    [
      "the zone is not an IANA zone",
      { place: { kind: "coordinates", longitude: 0, zone: "Beijing" } },
      "place: zone_invalid",
    ],
    [
      "the longitude is far from the zone",
      { place: { kind: "coordinates", longitude: -120, zone: "Asia/Shanghai" } },
      "place: longitude_not_in_zone",
    ],
  ])("rejects a birth when %s", (_, changes, problem) => {
    expect(problemsOf(changes)).toEqual([problem]);
    expect(Object.keys(en.problems)).toContain(problem.split(": ")[1]);
  });

  it.each([
    ["it is on the first day of the range", { year: 1900, month: 1, day: 1 }],
    ["it is on the last day of the range", { year: 2100, month: 12, day: 31, time: "23:59" }],
    ["it is on a leap day", { year: 2000, month: 2, day: 29 }],
    [
      "its lunar month is a leap month",
      { calendar: "lunar", year: 2023, month: 2, day: 29, isLeapMonth: true },
    ],
    ["its time is unknown", { time: null }],
    ["the place is in the far west of China", at("kashgar")],
    [
      "the place is beyond the bend of the date line",
      { place: { kind: "coordinates", longitude: -157.4, zone: "Pacific/Kiritimati" } },
    ],
    [
      "its clock time occurred twice",
      { year: 2024, month: 11, day: 3, time: "01:30", ...at("new-york") },
    ],
  ])("accepts a birth when %s", (_, changes) => {
    expect(problemsOf(changes)).toEqual([]);
  });
});
