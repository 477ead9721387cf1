import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  balanceOf,
  relationPercentOf,
  tenGodPointsOf,
  weighStems,
} from "@/products/bazi/chart/balance";
import { relationOf } from "@/products/bazi/chart/elements";
import { elementOfStem, stemBranchAt } from "@/products/bazi/chart/stems-and-branches";
import { strengthOf } from "@/products/bazi/chart/strength";
import { chartOf } from "../births";
import { pair } from "../pairs";

const sum = (values: Record<string, number>) => Object.values(values).reduce((a, b) => a + b, 0);

/** Arbitrary pillars of the sexagenary cycle, with or without an hour. */
const pillars = fc
  .tuple(fc.nat(59), fc.nat(59), fc.nat(59), fc.option(fc.nat(59)))
  .map(([year, month, day, hour]) => ({
    year: stemBranchAt(year),
    month: stemBranchAt(month),
    day: stemBranchAt(day),
    hour: hour === null ? null : stemBranchAt(hour),
  }));

describe("computeChart", () => {
  it("matches balance and strength of a chart worked by hand", () => {
    // 乙未 戊寅 丙辰 戊戌, Steve Jobs: stems wood 100, earth 100, fire 100, earth 100;
    // 未 己60 丁30 乙10; 寅 twice: 甲120 丙60 戊20; 辰 戊60 乙30 癸10; 戌 戊60 辛30 丁10.
    const chart = chartOf({
      year: 1955,
      month: 2,
      day: 24,
      time: "19:15",
      place: { kind: "city", cityId: "san-francisco" },
    });
    expect(chart.balance.points).toEqual({
      wood: 260,
      fire: 200,
      earth: 400,
      metal: 30,
      water: 10,
    });
    expect(chart.balance.percent).toEqual({ wood: 29, fire: 22, earth: 45, metal: 3, water: 1 });
    expect(chart.strength).toMatchObject({
      supportPercent: 51,
      level: "balanced",
      phase: "supported",
    });
    expect(chart.strength.roots).toEqual([
      { position: "year", isMain: false },
      { position: "month", isMain: false },
      { position: "hour", isMain: false },
    ]);
  });
});

describe("balanceOf", () => {
  it("returns 900 points, or 700 without an hour, and percentages that add up to 100", () => {
    fc.assert(
      fc.property(pillars, (each) => {
        const weights = weighStems(each);
        const { points, percent } = balanceOf(weights);
        expect(sum(points)).toBe(each.hour === null ? 700 : 900);
        expect(sum(percent)).toBe(100);
        expect(sum(relationPercentOf(weights))).toBe(100);
        expect(sum(tenGodPointsOf(weights))).toBe(sum(points) - 100);
      }),
    );
  });
});

describe("strengthOf", () => {
  it("supports a weak day master and relieves a strong one", () => {
    fc.assert(
      fc.property(pillars, (each) => {
        const { percent } = balanceOf(weighStems(each));
        const { level, helpful, supportPercent } = strengthOf(each, percent);
        const self = elementOfStem(each.day.stem);
        const first = helpful[0];
        if (first === undefined) throw new Error("No element helps.");
        const relation = relationOf({ self, other: first.element });
        if (supportPercent < 40) expect(["companion", "resource"]).toContain(relation);
        if (supportPercent >= 55) expect(["output", "officer", "wealth"]).toContain(relation);
        if (level === "balanced") {
          expect(percent[first.element]).toBe(Math.min(...Object.values(percent)));
        }
        expect(new Set(helpful.map(({ element }) => element)).size).toBe(helpful.length);
      }),
    );
  });

  it("adds fire to a cold winter chart and water to a hot summer chart", () => {
    const winter = { year: "geng zi", month: "ren zi", day: "xin chou", hour: "geng zi" };
    const summer = { year: "bing wu", month: "jia wu", day: "geng wu", hour: "bing xu" };
    const last = (chart: Record<"year" | "month" | "day" | "hour", string>) => {
      const each = {
        year: pair(chart.year),
        month: pair(chart.month),
        day: pair(chart.day),
        hour: pair(chart.hour),
      };
      return strengthOf(each, balanceOf(weighStems(each)).percent).helpful.at(-1);
    };
    expect(last(winter)).toEqual({ element: "fire", reason: "warms" });
    expect(last(summer)).toEqual({ element: "water", reason: "cools" });
  });
});
