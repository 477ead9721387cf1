import { describe, expect, it } from "vitest";
import { timeZoneName, timeZoneNameAt, timeZoneOptions } from "@/lib/time-zones";

describe("timeZoneName", () => {
  it("names a zone in the reader's language, all year round", () => {
    expect(timeZoneName("America/Los_Angeles", "en")).toBe("Pacific Time");
    expect(timeZoneName("America/Los_Angeles", "zh-CN")).toBe("北美太平洋时间");
    expect(timeZoneName("Asia/Shanghai", "zh-CN")).toBe("中国标准时间");
    expect(timeZoneName("UTC", "zh-CN")).toBe("UTC");
    expect(timeZoneName("Mars/Base", "en")).toBe("UTC");
  });
});

describe("timeZoneNameAt", () => {
  it("names daylight saving time at an instant that had it", () => {
    const zone = "Asia/Shanghai";
    const summer = new Date("1990-06-15T04:00:00Z");
    expect(timeZoneNameAt(zone, { locale: "en", at: summer })).toBe("China Daylight Time");
    const later = new Date("2000-06-15T04:00:00Z");
    expect(timeZoneNameAt(zone, { locale: "en", at: later })).toBe("China Standard Time");
  });

  it("names a zone that has no name for the instant by its place", () => {
    const at = new Date("2000-06-15T04:00:00Z");
    expect(timeZoneNameAt("Asia/Urumqi", { locale: "zh-CN", at })).toBe("乌鲁木齐时间");
  });
});

describe("timeZoneOptions", () => {
  it("lists every zone once, sorted by its name, with the selected alias", () => {
    const options = timeZoneOptions("Asia/Kolkata", "en");
    expect(options.length).toBeGreaterThan(400);
    expect(new Set(options.map(({ value }) => value)).size).toBe(options.length);
    expect(options).toContainEqual({
      value: "Asia/Kolkata",
      label: "India Standard Time (Asia/Kolkata)",
    });
    const { compare } = new Intl.Collator("en");
    const labels = options.map(({ label }) => label);
    expect(labels).toEqual(labels.toSorted(compare));
  });

  it("writes Chinese labels with full-width brackets", () => {
    expect(timeZoneOptions("", "zh-CN")).toContainEqual({
      value: "Europe/Paris",
      label: "中欧时间（Europe/Paris）",
    });
  });
});
