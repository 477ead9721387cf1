import { describe, expect, it } from "vitest";
import type { Locale } from "@/lib/locales";
import type { Chart } from "@/products/bazi/chart/chart";
import { ELEMENTS } from "@/products/bazi/chart/elements";
import { interactionsOf } from "@/products/bazi/chart/interactions";
import { luckNowOf } from "@/products/bazi/chart/luck-pillars";
import { periodMeetings } from "@/products/bazi/chart/period-meetings";
import { baziYearsFrom } from "@/products/bazi/chart/pillars";
import { directionOf, effectOf } from "@/products/bazi/chart/strength";
import { structureOf } from "@/products/bazi/chart/structure";
import { interpret, summarize } from "@/products/bazi/interpretation/interpret";
import { SECTION_KEYS, type SectionKey } from "@/products/bazi/interpretation/language-texts";
import { namesIn } from "@/products/bazi/interpretation/names";
import { chartOf, NOW, numbersFrom } from "./births";

const LOCALES = ["en", "zh-CN"] as const;
const sectionsOf = (chart: Chart, locale: Locale, now = NOW) =>
  interpret(chart, { locale, now }).map(({ key, title, paragraphs }) => ({
    key,
    title,
    paragraphs: paragraphs.map(({ lead, text }) => [lead, text].filter(Boolean).join("\n")),
  }));
const textOf = (chart: Chart, locale: Locale, now = NOW) =>
  sectionsOf(chart, locale, now)
    .flatMap(({ title, paragraphs }) => [title, ...paragraphs])
    .join("\n");
const sectionOf = (chart: Chart, locale: Locale, key: SectionKey, now = NOW) =>
  sectionsOf(chart, locale, now).find((section) => section.key === key)?.paragraphs ?? [];

const next = numbersFrom(11);
const randomCharts = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    chartOf({
      year: 1900 + next(130),
      month: 1 + next(12),
      day: 1 + next(28),
      time: index % 5 === 0 ? null : `${String(next(24)).padStart(2, "0")}:10`,
      gender: next(2) === 0 ? "male" : "female",
    }),
  );
const manyCharts = randomCharts(2000);
const charts = manyCharts.slice(0, 200);

describe("interpret", () => {
  it("fills every section of 2,000 random charts in both languages, without gaps or placeholders", () => {
    for (const chart of manyCharts) {
      for (const locale of LOCALES) {
        const sections = sectionsOf(chart, locale);
        expect(sections.map(({ key }) => key)).toEqual(SECTION_KEYS);
        const incomplete = sections.filter(
          ({ title, paragraphs }) =>
            title === "" ||
            paragraphs.length === 0 ||
            new Set(paragraphs).size < paragraphs.length ||
            !paragraphs.every((paragraph) => /[.。]$/.test(paragraph)),
        );
        expect(incomplete).toEqual([]);
        expect(sections.flatMap(({ paragraphs }) => paragraphs).join("\n")).not.toMatch(
          /undefined|null|NaN|[{}]|\[object| {2}|\s[.,;:]|，，|。。|：。|, ,|\.\.|\(\)|（）/,
        );
      }
    }
  });

  it("writes Chinese without Latin letters and English without Chinese punctuation", () => {
    for (const chart of charts) {
      expect(textOf(chart, "zh-CN")).not.toMatch(/[A-Za-z]|[,;:!?]|[^\S\n]/);
      // English may name stems and classical terms in Chinese characters.
      expect(textOf(chart, "en")).not.toMatch(/[，。：；、]/);
    }
  });

  it("returns equal text for equal charts, and mostly different sentences for different charts", () => {
    const [one] = charts;
    if (one === undefined) throw new Error("No chart.");
    expect(textOf(one, "en")).toEqual(textOf(structuredClone(one), "en"));
    for (const locale of LOCALES) {
      const sentences = charts.map((chart) => new Set(textOf(chart, locale).split(/[.。\n]\s*/)));
      const shares = sentences.slice(1).map((mine, index) => {
        const others = sentences[index] ?? new Set();
        return [...mine].filter((sentence) => others.has(sentence)).length / mine.size;
      });
      const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
      expect(mean, locale).toBeLessThan(0.3);
      // Even charts with the same day master, month and decade of birth differ in a third.
      expect(Math.max(...shares), locale).toBeLessThan(0.67);
    }
  });

  it("states the facts of the chart", () => {
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
    const chinese = textOf(chart, "zh-CN");
    expect(chinese).toContain("土45%、木29%、火22%、金3%、水1%");
    // 乙未 戊寅 丙辰 戊戌: 甲 of the month is not visible, 戊 is, so the structure is Eating God.
    expect(chinese).toContain("月令所藏戊土透于月柱天干，取食神格");
    for (const name of ["砂中金", "城头土", "沙中土", "平地木"]) expect(chinese).toContain(name);
    // 丙 in 未 寅 辰 戌: 衰 长生 冠带 墓.
    for (const stage of ["衰", "长生", "冠带", "墓"]) {
      expect(chinese).toContain(`日主在此支为“${stage}”`);
    }
  });
});

describe("summarize", () => {
  it("states the day master, structure, helpful elements, decade and year in both languages", () => {
    for (const chart of charts) {
      for (const locale of LOCALES) {
        const lines = summarize(chart, { locale, now: NOW });
        const text = lines.map(({ lead, text }) => `${lead} ${text}`).join("\n");
        expect(lines).toHaveLength(5);
        expect(text).toContain(namesIn(locale).stems[chart.pillars.day.stem].nature);
        expect(text).not.toMatch(/undefined|null|NaN|[{}]|。。|\.\./);
        expect(lines.every((line) => /[.。]$/.test(line.text))).toBe(true);
      }
    }
  });

  it("repeats what the sections say", () => {
    for (const chart of charts.slice(0, 20)) {
      const helpful = summarize(chart, { locale: "en", now: NOW })[2]?.text ?? "";
      expect(sectionOf(chart, "en", "balance").join(" ")).toContain(helpful);
    }
  });
});

describe("effectOf", () => {
  it("lifts the chart for exactly the helpful elements", () => {
    for (const chart of charts) {
      const helpful = chart.strength.helpful.map(({ element }) => element);
      for (const element of ELEMENTS) {
        const lifts = directionOf(effectOf(chart, element)) === "lifts";
        expect(lifts).toBe(helpful.includes(element));
      }
    }
  });
});

describe("interpret without contradictions", () => {
  it("calls a period quiet if and only if it has no interactions", () => {
    let quiet = 0;
    for (const chart of charts) {
      const paragraphs = sectionOf(chart, "zh-CN", "luck").slice(1);
      expect(paragraphs).toHaveLength(10);
      chart.luck.pillars.forEach((pillar, index) => {
        const meets = periodMeetings(chart.pillars, { period: pillar, decade: null }).length > 0;
        const saysQuiet = paragraphs[index]?.includes("无所牵动") ?? false;
        expect(saysQuiet).toBe(!meets);
        expect(/[冲刑害合]：|合向|半合|同支|三合.局|三会.局/.test(paragraphs[index] ?? "")).toBe(
          meets,
        );
        if (saysQuiet) quiet += 1;
      });
    }
    expect(quiet).toBeGreaterThan(0);
  });

  it("calls the pillars undisturbed if and only if they have no interactions", () => {
    for (const chart of charts) {
      const interactions = interactionsOf(chart.pillars);
      const paragraphs = sectionOf(chart, "zh-CN", "meetings");
      expect(paragraphs.some((each) => each.includes("各自相安"))).toBe(interactions.length === 0);
      if (interactions.length > 0) expect(paragraphs).toHaveLength(interactions.length);
    }
  });

  it("describes a structure as supported, disturbed or hidden according to its stems", () => {
    for (const chart of charts) {
      const { helpers, disturbers, visibleIn } = structureOf(chart);
      const text = sectionOf(chart, "zh-CN", "structure").join("");
      expect(text.includes("来相辅")).toBe(helpers.length > 0);
      expect(text.includes("来相扰")).toBe(disturbers.length > 0);
      expect(text.includes("天干不透")).toBe(visibleIn === null);
    }
  });

  it("calls an absent element missing, never leading or thin", () => {
    const lacking = charts.filter(({ balance }) => Object.values(balance.points).includes(0));
    expect(lacking.length).toBeGreaterThan(0);
    for (const chart of charts) {
      const text = sectionOf(chart, "en", "balance").join(" ").toLowerCase();
      expect(text.includes("not occur at all")).toBe(lacking.includes(chart));
      for (const element of ELEMENTS) {
        if (chart.balance.points[element] > 0) continue;
        expect(text).not.toContain(`${element} is thin`);
        expect(text).not.toContain(`${element} leads`);
      }
    }
  });

  it("mentions an unknown time and an empty hour palace if and only if the time is unknown", () => {
    for (const chart of charts) {
      const { timeKnown } = chart.birth;
      expect(sectionOf(chart, "zh-CN", "limits").join("").includes("时间不详")).toBe(!timeKnown);
      expect(sectionOf(chart, "zh-CN", "pillars").join("").includes("空着")).toBe(!timeKnown);
      expect(sectionOf(chart, "zh-CN", "pillars")).toHaveLength(4);
    }
  });
});

describe("interpret at an instant", () => {
  const chart = chartOf({ year: 1990, month: 6, day: 15, gender: "male" });
  const first = chart.luck.pillars[0]?.startsOn ?? "";

  it.each([
    ["before birth", "1980-01-01T00:00:00Z", { kind: "not-born" }, "谈不上“当前”"],
    [
      "before the first luck pillar",
      "1991-01-01T00:00:00Z",
      { kind: "before-first" },
      "首步大运自",
    ],
    [
      "on the first day of the first luck pillar",
      `${first}T00:00:00Z`,
      { kind: "in-pillar", index: 0 },
      "第一步大运",
    ],
    [
      "in the third luck pillar",
      "2026-11-23T00:00:00Z",
      { kind: "in-pillar", index: 2 },
      "第三步大运",
    ],
    ["after the last luck pillar", "2190-01-01T00:00:00Z", { kind: "after-last" }, "已经走完"],
  ])("states the position %s", (_, at, expected, words) => {
    const now = new Date(at);
    expect(luckNowOf(chart, now)).toEqual(expected);
    expect(sectionOf(chart, "zh-CN", "luck", now)[0]).toContain(words);
  });

  it("describes the decade and the years of that instant", () => {
    const in2040 = new Date("2040-06-01T00:00:00Z");
    expect(sectionOf(chart, "zh-CN", "luck", in2040)[0]).toContain("第五步大运");
    const leads = sectionOf(chart, "zh-CN", "years", in2040).slice(1);
    expect(leads.map((each) => each.slice(0, 8))).toEqual([
      "2040年：庚申",
      "2041年：辛酉",
      "2042年：壬戌",
      "2043年：癸亥",
    ]);
  });
});

describe("baziYearsFrom", () => {
  it("starts a year at 立春, not at new year", () => {
    expect(baziYearsFrom(new Date("2026-02-03T20:01:00Z"), 2)).toMatchObject([
      { year: 2025, stem: "yi", branch: "si" },
      { year: 2026, stem: "bing", branch: "wu" },
    ]);
    expect(baziYearsFrom(new Date("2026-02-03T20:03:00Z"), 1)).toMatchObject([
      { year: 2026, stem: "bing", branch: "wu" },
    ]);
  });
});
