import { describe, expect, it } from "vitest";
import {
  instantsAt,
  knownZone,
  standardOffsetSecondsAt,
  utcOffsetSecondsAt,
} from "@/products/bazi/birth/local-time";
import { chartOf } from "../births";

const wall = (year: number, month: number, day: number, hour: number, minute = 0) => ({
  year,
  month,
  day,
  hour,
  minute,
  second: 0,
});
const iso = (instants: Date[]) => instants.map((instant) => instant.toISOString());

describe("utcOffsetSecondsAt", () => {
  it.each([
    ["Asia/Shanghai", "1900-06-01T00:00:00Z", 8 * 3600 + 343],
    ["Asia/Shanghai", "1988-06-01T00:00:00Z", 9 * 3600],
    ["Asia/Shanghai", "1988-12-01T00:00:00Z", 8 * 3600],
    ["Asia/Kolkata", "2000-06-01T00:00:00Z", 19_800],
    ["America/New_York", "2000-06-01T00:00:00Z", -4 * 3600],
  ])("applies the historical rules of %s at %s", (zone, at, seconds) => {
    expect(utcOffsetSecondsAt(zone, new Date(at))).toBe(seconds);
  });
});

describe("standardOffsetSecondsAt", () => {
  it.each([
    ["Asia/Shanghai", "1988-06-01T00:00:00Z", 8],
    ["Asia/Shanghai", "1990-01-01T00:00:00Z", 8],
    ["Asia/Hong_Kong", "1970-06-01T00:00:00Z", 8],
    ["Asia/Tokyo", "1949-06-01T00:00:00Z", 9],
    ["Asia/Taipei", "1955-06-01T00:00:00Z", 8],
    ["Asia/Seoul", "1988-06-01T00:00:00Z", 9],
    ["Europe/London", "1995-07-01T00:00:00Z", 0],
    ["Europe/London", "1970-01-01T00:00:00Z", 1],
    ["Europe/Dublin", "1995-07-01T00:00:00Z", 0],
    ["Europe/Moscow", "2012-06-01T00:00:00Z", 4],
    ["America/Los_Angeles", "1955-07-01T00:00:00Z", -8],
    ["America/Sao_Paulo", "2010-01-01T00:00:00Z", -3],
    ["Australia/Sydney", "2020-01-01T00:00:00Z", 10],
    ["Asia/Singapore", "1990-01-01T00:00:00Z", 8],
  ])("returns for %s at %s an offset of %i hours", (zone, at, hours) => {
    expect(standardOffsetSecondsAt(zone, new Date(at))).toBe(hours * 3600);
  });
});

describe("instantsAt", () => {
  it("returns no instant for a time that the clocks skipped", () => {
    // China set its clocks forward at 02:00 on 17 April 1988.
    expect(instantsAt("Asia/Shanghai", wall(1988, 4, 17, 2, 30))).toEqual([]);
    expect(iso(instantsAt("Asia/Shanghai", wall(1988, 4, 17, 3, 30)))).toEqual([
      "1988-04-16T18:30:00.000Z",
    ]);
  });

  it("returns two instants, earlier first, for a time that occurred twice", () => {
    expect(iso(instantsAt("America/New_York", wall(2024, 11, 3, 1, 30)))).toEqual([
      "2024-11-03T05:30:00.000Z",
      "2024-11-03T06:30:00.000Z",
    ]);
  });

  it("returns no instant on a day that the zone skipped", () => {
    expect(instantsAt("Pacific/Apia", wall(2011, 12, 30, 12))).toEqual([]);
  });
});

describe("knownZone", () => {
  it.each(["Asia/Shanghai", "UTC", "America/Argentina/Buenos_Aires"])("accepts %s", (zone) => {
    expect(knownZone(zone)).toBe(zone);
  });
  it("returns the canonical spelling", () => {
    expect(knownZone("asia/SHANGHAI")).toBe("Asia/Shanghai");
  });
  it.each(["", "Beijing", "Asia/Peking", "+08:00", "GMT+8"])("rejects %j", (zone) => {
    expect(knownZone(zone)).toBeNull();
  });
});

describe("daylight saving in a chart", () => {
  const summer1988 = { year: 1988, month: 7, day: 1, time: "11:30" };

  it("is subtracted from the clock time for the hour pillar", () => {
    const chart = chartOf(summer1988);
    expect(chart.birth.daylightSavingSeconds).toBe(3600);
    expect(chart.birth.reckoning.wall).toMatchObject({ hour: 10, minute: 30 });
    expect(chart.pillars.hour?.branch).toBe("si");
    expect(chart.notes).toContain("daylight-saving");
  });
  it("is part of the instant that true solar time is computed from", () => {
    const chart = chartOf({ ...summer1988, useTrueSolarTime: true });
    expect(chart.birth.bornAt).toBe("1988-07-01T02:30:00.000Z");
    expect(chart.birth.reckoning.wall).toMatchObject({ hour: 10, minute: 11 });
  });
  it("is zero in China in 1985 and 1992", () => {
    expect(chartOf({ ...summer1988, year: 1985 }).birth.daylightSavingSeconds).toBe(0);
    expect(chartOf({ ...summer1988, year: 1992 }).birth.daylightSavingSeconds).toBe(0);
  });
  it("resolves a clock time that occurred twice to the first occurrence, with a note", () => {
    const chart = chartOf({
      year: 2024,
      month: 11,
      day: 3,
      time: "01:30",
      place: { kind: "city", cityId: "new-york" },
    });
    expect(chart.birth.bornAt).toBe("2024-11-03T05:30:00.000Z");
    expect(chart.notes).toContain("clock-put-back");
  });
});
