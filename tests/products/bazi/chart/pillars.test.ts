import { Solar } from "lunar-typescript";
import { describe, expect, it } from "vitest";
import { birthMomentOf } from "@/products/bazi/birth/birth-moment";
import { type BirthInput, birthInputSchema } from "@/products/bazi/birth/input";
import { PLACE_IDS } from "@/products/bazi/birth/places";
import type { Chart } from "@/products/bazi/chart/chart";
import { computeChart } from "@/products/bazi/chart/compute-chart";
import { pillarsOf } from "@/products/bazi/chart/pillars";
import { SOLAR_TERMS, solarTermsOfYear } from "@/products/bazi/chart/solar-terms";
import { sexagenaryIndexOf } from "@/products/bazi/chart/stems-and-branches";
import { birthLike, chartOf, numbersFrom, pillarSigns, signsOf } from "../births";
import {
  dayIndex,
  degreesToMonthBoundary,
  hourIndex,
  solarLongitude,
  sundialAt,
  yearAndMonthIndex,
} from "../reference-calculation";

describe("computeChart on published charts", () => {
  // Computed by clock time, as in the sources.
  const published: [string, Partial<BirthInput>, string][] = [
    [
      "Steve Jobs",
      {
        year: 1955,
        month: 2,
        day: 24,
        time: "19:15",
        place: { kind: "city", cityId: "san-francisco" },
      },
      "乙未 戊寅 丙辰 戊戌",
    ],
    [
      "Elon Musk",
      {
        year: 1971,
        month: 6,
        day: 28,
        time: "07:00",
        place: { kind: "coordinates", longitude: 28.19, zone: "Africa/Johannesburg" },
      },
      "辛亥 甲午 甲申 戊辰",
    ],
    [
      "a textbook's chart of 23 October 1985",
      { year: 1985, month: 10, day: 23, time: "11:00" },
      "乙丑 丙戌 乙未 壬午",
    ],
    [
      "the same birth as lunar 9/10",
      { calendar: "lunar", year: 1985, month: 9, day: 10, time: "11:00" },
      "乙丑 丙戌 乙未 壬午",
    ],
    [
      "小寒 of 2015 in Hong Kong",
      { year: 2015, month: 1, day: 6, time: "00:22", place: { kind: "city", cityId: "hong-kong" } },
      "甲午 丁丑 壬午 庚子",
    ],
  ];
  it.each(published)("matches %s", (_, birth, signs) => {
    expect(pillarSigns(birth)).toBe(signs);
  });
});

describe("computeChart on 600 births worldwide", () => {
  const next = numbersFrom(20_260_208);
  const births = Array.from({ length: 600 }, (): BirthInput => {
    const two = (value: number) => String(value).padStart(2, "0");
    return birthLike({
      year: 1900 + next(201),
      month: 1 + next(12),
      day: 1 + next(28),
      time: `${two(next(24))}:${two(next(60))}`,
      place: { kind: "city", cityId: PLACE_IDS[next(PLACE_IDS.length)] ?? "beijing" },
      useTrueSolarTime: next(2) === 1,
      dayChangesAt: next(2) === 1 ? "23:00" : "midnight",
    });
  })
    .filter((birth) => birthInputSchema.safeParse(birth).success)
    .map((birth) => ({ birth, moment: birthMomentOf(birth), chart: computeChart(birth) }));

  it("is tested on births that nearly all exist", () => {
    expect(births.length).toBeGreaterThan(590);
  });

  it("derives year and month pillars from the sun's longitude at the instant", () => {
    const clear = births.filter(({ moment }) => degreesToMonthBoundary(moment.instant) > 0.02);
    expect(clear.length).toBeGreaterThan(580);
    for (const { birth, moment, chart } of clear) {
      const { year, month } = chart.pillars;
      const found = { year: sexagenaryIndexOf(year), month: sexagenaryIndexOf(month) };
      expect(found, JSON.stringify(birth)).toEqual(yearAndMonthIndex(moment.instant));
    }
  });

  it("finds an instant that shows the entered clock time in the zone", () => {
    for (const { birth, moment } of births) {
      const shown = new Intl.DateTimeFormat("en-GB", {
        timeZone: moment.zone,
        hour: "2-digit",
        minute: "2-digit",
      }).format(moment.instant);
      expect(shown, JSON.stringify(birth)).toBe(birth.time);
    }
  });

  it("derives day and hour pillars by clock from the day count and 五鼠遁", () => {
    const byClock = births.filter(({ birth }) => !birth.useTrueSolarTime);
    expect(byClock.length).toBeGreaterThan(250);
    for (const { birth, moment, chart } of byClock) {
      const { year, month, day, hour, minute } = moment.civil;
      const standard = new Date(
        Date.UTC(year, month - 1, day, hour, minute) - moment.daylightSavingSeconds * 1000,
      );
      expectDayAndHour({ birth, chart, local: standard });
    }
  });

  it("derives day and hour pillars by true solar time from UTC, longitude and Spencer's series", () => {
    const bySun = births.filter(({ birth }) => birth.useTrueSolarTime);
    const clear = bySun.flatMap(({ birth, moment, chart }) => {
      const { year, month, day, hour, minute } = moment.civil;
      const civil = new Date(Date.UTC(year, month - 1, day, hour, minute));
      const local = sundialAt(moment.instant, moment.longitude, civil);
      // Spencer's series is accurate to half a minute, so births close to a full hour are ambiguous.
      const minutes = local.getUTCMinutes();
      return minutes < 2 || minutes >= 58 ? [] : [{ birth, chart, local }];
    });
    expect(bySun.length).toBeGreaterThan(250);
    expect(clear.length).toBeGreaterThan(0.9 * bySun.length);
    for (const each of clear) expectDayAndHour(each);
  });

  function expectDayAndHour(each: { birth: BirthInput; chart: Chart; local: Date }) {
    const { birth, chart, local } = each;
    const wallHour = local.getUTCHours();
    const today = dayIndex(local.getUTCFullYear(), local.getUTCMonth() + 1, local.getUTCDate());
    const dayOffset = birth.dayChangesAt === "23:00" && wallHour === 23 ? 1 : 0;
    const { day, hour } = chart.pillars;
    expect(sexagenaryIndexOf(day), JSON.stringify(birth)).toBe((today + dayOffset) % 60);
    expect(hour && sexagenaryIndexOf(hour), JSON.stringify(birth)).toBe(hourIndex(today, wallHour));
  }

  it("matches the library for 200 clock times in Beijing", () => {
    const plainBirths = births
      .filter(({ birth: { year } }) => year > 1949 && (year < 1986 || year > 1991))
      .slice(0, 200);
    expect(plainBirths).toHaveLength(200);
    for (const { birth } of plainBirths) {
      const { year, month, day, time } = birth;
      const { civil } = chartOf({ year, month, day, time }).birth;
      const eight = Solar.fromYmdHms(year, month, day, civil.hour, civil.minute, 0)
        .getLunar()
        .getEightChar();
      expect(pillarSigns({ year, month, day, time })).toBe(eight.toString());
    }
  });
});

describe("the day pillar between 23:00 and midnight", () => {
  const late = { year: 2000, month: 1, day: 1, time: "23:30" };

  it("stays until midnight, with the hour stem of the next day (晚子时)", () => {
    expect(pillarSigns({ ...late, dayChangesAt: "midnight" })).toBe("己卯 丙子 戊午 甲子");
  });
  it("changes at 23:00 when the birth says so (子初换日)", () => {
    expect(pillarSigns({ ...late, dayChangesAt: "23:00" })).toBe("己卯 丙子 己未 甲子");
  });
  it("is the same in both schools one minute before and one hour after", () => {
    for (const dayChangesAt of ["midnight", "23:00"] as const) {
      expect(pillarSigns({ ...late, time: "22:59", dayChangesAt })).toBe("己卯 丙子 戊午 癸亥");
      expect(pillarSigns({ ...late, day: 2, time: "00:30", dayChangesAt })).toBe(
        "己卯 丙子 己未 甲子",
      );
    }
  });
  it("uses true solar time when the birth says so", () => {
    // The sun in Kashgar is three hours behind the clock, so 00:30 is in the previous evening.
    const kashgar = chartOf({
      year: 2000,
      month: 1,
      day: 2,
      time: "00:30",
      useTrueSolarTime: true,
      place: { kind: "city", cityId: "kashgar" },
    });
    expect(signsOf(kashgar.pillars.day)).toBe("戊午");
    expect(kashgar.notes).toContain("day-shifted");
  });
});

describe("pillarsOf", () => {
  // 立春 2024 was at 08:27:07 UTC on 4 February.
  const pillarsAt = (iso: string) =>
    pillarsOf({
      instant: new Date(iso),
      local: { year: 2024, month: 2, day: 4, hour: 3, minute: 27, second: 0 },
      timeKnown: true,
      dayChangesAt: "midnight",
    });

  it("changes year and month pillar at 立春 to the second", () => {
    expect(signsOf(pillarsAt("2024-02-04T08:27:00Z").year)).toBe("癸卯");
    expect(signsOf(pillarsAt("2024-02-04T08:27:15Z").year)).toBe("甲辰");
    expect(signsOf(pillarsAt("2024-02-04T08:27:00Z").month)).toBe("乙丑");
    expect(signsOf(pillarsAt("2024-02-04T08:27:15Z").month)).toBe("丙寅");
  });
  it("changes year and month pillar at one instant in Beijing and New York", () => {
    const at = (cityId: "beijing" | "new-york", time: string) =>
      pillarSigns({ year: 2024, month: 2, day: 4, time, place: { kind: "city", cityId } }).slice(
        0,
        5,
      );
    expect(at("beijing", "16:27")).toBe("癸卯 乙丑");
    expect(at("beijing", "16:28")).toBe("甲辰 丙寅");
    expect(at("new-york", "03:27")).toBe("癸卯 乙丑");
    expect(at("new-york", "03:28")).toBe("甲辰 丙寅");
  });
  it("changes the year pillar in London at the instant of 立春, not at its date in China", () => {
    // 立春 2021 was at 22:59 on 3 February in China, 14:59 in London.
    const at = (time: string) =>
      pillarSigns({
        year: 2021,
        month: 2,
        day: 3,
        time,
        place: { kind: "city", cityId: "london" },
      }).slice(0, 2);
    expect(at("14:58")).toBe("庚子");
    expect(at("15:00")).toBe("辛丑");
  });
});

describe("solarTermsOfYear and pillarsOf at the 2,412 month terms from 1900 to 2100", () => {
  const years = Array.from({ length: 201 }, (_, index) => 1900 + index);

  it("agree with a solar longitude of 285°, 315°, 345° and so on", () => {
    const off = years.flatMap((year) =>
      solarTermsOfYear(year).flatMap(({ term, at }) => {
        const expected = 285 + 15 * SOLAR_TERMS.indexOf(term);
        const difference = solarLongitude(at) - expected;
        const degrees = (((difference % 360) + 540) % 360) - 180;
        return Math.abs(degrees) > 0.02 ? [`${year} ${term}: ${degrees}`] : [];
      }),
    );
    expect(off).toEqual([]);
  });

  it("advance the month pillar by one from two seconds before to two seconds after", () => {
    const local = { year: 2000, month: 1, day: 1, hour: 12, minute: 0, second: 0 };
    const monthAt = (ms: number) =>
      sexagenaryIndexOf(
        pillarsOf({ instant: new Date(ms), local, timeKnown: false, dayChangesAt: "midnight" })
          .month,
      );
    const wrong = years.flatMap((year) =>
      solarTermsOfYear(year)
        .filter((_, index) => index % 2 === 0)
        .filter(({ at }) => {
          const before = monthAt(at.getTime() - 2000);
          return monthAt(at.getTime() + 2000) !== (before + 1) % 60;
        })
        .map(({ term }) => `${year} ${term}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe("computeChart at the limits of the supported years", () => {
  it("places 1 January 1900 in a 己亥 year", () => {
    expect(pillarSigns({ year: 1900, month: 1, day: 1 })).toBe("己亥 丙子 甲戌 庚午");
  });
  it("places 31 December 2100 in a 庚申 year", () => {
    expect(signsOf(chartOf({ year: 2100, month: 12, day: 31 }).pillars.year)).toBe("庚申");
    expect(sexagenaryIndexOf(chartOf({ year: 2100, month: 12, day: 31 }).pillars.day)).toBe(
      dayIndex(2100, 12, 31),
    );
  });
});

describe("a chart with an unknown time", () => {
  it("has three pillars and a note", () => {
    const chart = chartOf({ time: null });
    expect(chart.pillars.hour).toBeNull();
    expect(chart.notes).toEqual(["time-unknown"]);
  });
  it("has a note if the month pillar depends on the time", () => {
    expect(chartOf({ year: 2024, month: 2, day: 4, time: null }).notes).toContain(
      "month-changes-that-day",
    );
  });
  it("keeps its day pillar however far solar time is from the clock", () => {
    const chart = chartOf({
      year: 2000,
      month: 1,
      day: 2,
      time: null,
      useTrueSolarTime: true,
      place: { kind: "city", cityId: "kashgar" },
    });
    expect(signsOf(chart.pillars.day)).toBe("己未");
  });
});
