import { describe, expect, test } from "vitest";
import { interpret } from "@/bazi/interpretation/interpret";
import { luckNowOf } from "@/bazi/luck-now";
import { chartOf, numbersFrom } from "./births";

const LOCALES = ["en", "zh-CN"] as const;
const textOf = (chart: ReturnType<typeof chartOf>, locale: "en" | "zh-CN") =>
  interpret(chart, locale)
    .flatMap(({ title, paragraphs }) => [title, ...paragraphs])
    .join("\n");

const next = numbersFrom(11);
const charts = Array.from({ length: 200 }, (_, count) =>
  chartOf({
    year: 1920 + next(100),
    month: 1 + next(12),
    day: 1 + next(28),
    time: count % 5 === 0 ? null : `${String(next(24)).padStart(2, "0")}:10`,
    gender: count % 2 === 0 ? "male" : "female",
    useTrueSolarTime: count % 3 === 0,
  }),
);

describe("the interpretation", () => {
  test.each(LOCALES)("has eight sections with something in each (%s)", (locale) => {
    for (const chart of charts) {
      const sections = interpret(chart, locale);
      expect(sections).toHaveLength(8);
      for (const { title, paragraphs } of sections) {
        expect(title).not.toBe("");
        expect(paragraphs.length).toBeGreaterThan(0);
        expect(new Set(paragraphs).size).toBe(paragraphs.length);
      }
    }
  });

  test.each(LOCALES)("leaves no gap, key or placeholder in the text (%s)", (locale) => {
    for (const chart of charts) {
      expect(textOf(chart, locale)).not.toMatch(
        /undefined|null|NaN|\{|\}|\[object| {2}|\s\.|，，|。。|：。/,
      );
    }
  });

  test("is Chinese in Chinese and English in English", () => {
    for (const chart of charts) {
      // Figures and percent signs aside, no Latin letters and no half-width punctuation.
      expect(textOf(chart, "zh-CN")).not.toMatch(/[A-Za-z]|[,;:!?]/);
      // English names stems and classical terms in characters; sentences are not Chinese.
      expect(textOf(chart, "en")).not.toMatch(/[，。：；、]/);
    }
  });

  test("is the same for the same chart and different for different ones", () => {
    const [one] = charts;
    if (one === undefined) throw new Error("no chart");
    expect(interpret(one, "en")).toEqual(interpret(structuredClone(one), "en"));
    const distinct = new Set(charts.map((chart) => textOf(chart, "en")));
    expect(distinct.size).toBe(new Set(charts.map((chart) => JSON.stringify(chart))).size);
  });

  test("says of a chart what the chart says", () => {
    const chart = chartOf({
      year: 1955,
      month: 2,
      day: 24,
      time: "19:15",
      place: { kind: "city", cityId: "san-francisco" },
    });
    const english = textOf(chart, "en");
    expect(english).toContain("丙 Bing, yang fire");
    expect(english).toContain("51%");
    expect(english).toContain("balanced");
    expect(english).toContain("earth 45%, wood 29%, fire 22%, metal 3%, and water 1%");
    expect(textOf(chart, "zh-CN")).toContain("土 45%、木 29%、火 22%、金 3%、水 1%");
  });

  test("names a missing element as missing", () => {
    const lacking = charts.filter(({ balance }) => Object.values(balance.points).includes(0));
    expect(lacking.length).toBeGreaterThan(0);
    for (const chart of lacking) expect(textOf(chart, "zh-CN")).toContain("完全不见");
  });

  test("says that a time is missing, and only then", () => {
    for (const chart of charts) {
      expect(textOf(chart, "zh-CN").includes("时间不详")).toBe(!chart.birth.timeKnown);
    }
  });
});

describe("now", () => {
  const birth = { year: 1990, month: 6, day: 15, gender: "male" as const };
  const first = chartOf(birth).luck.pillars[0]?.startsOn ?? "";

  test.each([
    ["before the birth", "1980-01-01T00:00:00Z", { kind: "not-born" }],
    ["before the first pillar", "1991-01-01T00:00:00Z", { kind: "before-first" }],
    ["on the first pillar's first day", `${first}T00:00:00Z`, { kind: "in-pillar", place: 0 }],
    ["in the fourth", "2026-11-23T00:00:00Z", { kind: "in-pillar", place: 2 }],
    ["after the last", "2190-01-01T00:00:00Z", { kind: "after-last" }],
  ])("%s", (_, at, expected) => {
    const chart = chartOf(birth, new Date(at));
    expect(luckNowOf(chart)).toEqual(expected);
    for (const locale of LOCALES) expect(textOf(chart, locale)).not.toContain("undefined");
  });

  test("the year changes at 立春, not at new year", () => {
    expect(chartOf(birth, new Date("2026-02-03T20:01:00Z")).yearNow).toMatchObject({
      year: 2025,
      stem: "yi",
      branch: "si",
    });
    expect(chartOf(birth, new Date("2026-02-03T20:03:00Z")).yearNow).toMatchObject({
      year: 2026,
      stem: "bing",
      branch: "wu",
    });
  });
});
