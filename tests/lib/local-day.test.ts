import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { addDays, addMonths, localDay, monthOf, startOfDay, startOfMonth } from "@/lib/local-day";

describe("localDay", () => {
  it.each([
    ["2026-03-01T09:59:59Z", "Pacific/Kiritimati", "2026-03-01"],
    ["2026-03-01T10:00:00Z", "Pacific/Kiritimati", "2026-03-02"],
    ["2026-03-01T15:59:59Z", "Asia/Shanghai", "2026-03-01"],
    ["2026-03-01T16:00:00Z", "Asia/Shanghai", "2026-03-02"],
    ["2026-03-08T04:59:59Z", "America/New_York", "2026-03-07"],
    ["2026-03-08T05:00:00Z", "America/New_York", "2026-03-08"],
    ["2026-03-09T03:59:59Z", "America/New_York", "2026-03-08"],
    ["2026-03-09T04:00:00Z", "America/New_York", "2026-03-09"],
    ["2026-11-02T04:59:59Z", "America/New_York", "2026-11-01"],
    ["2026-11-02T05:00:00Z", "America/New_York", "2026-11-02"],
    ["2026-03-01T00:00:00Z", "Nowhere/Land", "2026-03-01"],
  ])("returns for %s in %s the day %s", (at, zone, day) => {
    expect(localDay(new Date(at), zone)).toBe(day);
  });
});

describe("the cache of localDay", () => {
  it("holds one formatter per zone, whatever spellings and names are asked for", () => {
    const at = new Date("2026-03-01T16:00:00Z");
    const cached = vi.spyOn(Map.prototype, "set");
    for (let n = 0; n < 50; n += 1) localDay(at, `Made/Up_${n}`);
    for (const zone of ["asia/shanghai", "ASIA/SHANGHAI", "Asia/shanghai"]) {
      expect(localDay(at, zone)).toBe("2026-03-02");
    }
    const keys = new Set(cached.mock.calls.map(([key]) => key));
    cached.mockRestore();
    expect([...keys].sort()).toEqual(["Asia/Shanghai", "UTC"]);
  });
});

describe("startOfDay", () => {
  it.each([
    ["2026-03-08", "America/New_York", "2026-03-08T05:00:00.000Z"],
    ["2026-03-09", "America/New_York", "2026-03-09T04:00:00.000Z"],
    ["2026-11-02", "America/New_York", "2026-11-02T05:00:00.000Z"],
    ["2026-03-02", "Pacific/Kiritimati", "2026-03-01T10:00:00.000Z"],
    // Clocks skip from midnight to one.
    ["2026-03-08", "America/Havana", "2026-03-08T05:00:00.000Z"],
    // Samoa had no 30 December 2011.
    ["2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00.000Z"],
  ])("returns for %s in %s the instant %s", (day, zone, at) => {
    expect(startOfDay(day, zone).toISOString()).toBe(at);
  });

  it("returns the first instant of the day in every time zone", () => {
    const zones = fc.constantFrom(...Intl.supportedValuesOf("timeZone"));
    const instants = fc.date({
      min: new Date("2015-01-01T00:00:00Z"),
      max: new Date("2040-01-01T00:00:00Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(zones, instants, (zone, at) => {
        const day = localDay(at, zone);
        const start = startOfDay(day, zone);
        expect(localDay(start, zone)).toBe(day);
        expect(localDay(new Date(start.getTime() - 1000), zone) < day).toBe(true);
        expect(start.getTime()).toBeLessThanOrEqual(at.getTime());
      }),
      { numRuns: 300 },
    );
  });
});

describe("calendar arithmetic", () => {
  it("crosses the ends of months and years", () => {
    expect(addDays("2026-02-28", 1)).toBe("2026-03-01");
    expect(addDays("2028-02-28", 1)).toBe("2028-02-29");
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
    expect(addMonths("2026-12", 1)).toBe("2027-01");
    expect(addMonths("2026-01", -1)).toBe("2025-12");
    expect(monthOf("2026-03-31")).toBe("2026-03");
    expect(startOfMonth("2026-03", "Asia/Shanghai").toISOString()).toBe("2026-02-28T16:00:00.000Z");
  });

  it("throws for a string that is not a day", () => {
    expect(() => addDays("tomorrow", 1)).toThrow(RangeError);
    expect(() => startOfDay("2026-13-01", "UTC")).toThrow(RangeError);
  });
});
