import fc from "fast-check";
import { LunarUtil, Solar } from "lunar-typescript";
import { describe, expect, test } from "vitest";
import {
  balanceOf,
  relationPercentOf,
  tenGodPointsOf,
  weighStems,
} from "@/products/bazi/chart/balance";
import { ELEMENTS, elementFor, RELATIONS, relationOf } from "@/products/bazi/chart/elements";
import { branchMeetings, interactionsOf } from "@/products/bazi/chart/interactions";
import { lifeStageOf } from "@/products/bazi/chart/life-stages";
import {
  BRANCHES,
  elementOfStem,
  hiddenStemsOf,
  STEMS,
  sexagenaryIndexOf,
  stemBranchAt,
} from "@/products/bazi/chart/stems-and-branches";
import { strengthOf } from "@/products/bazi/chart/strength";
import { tenGodOf } from "@/products/bazi/chart/ten-gods";
import { chartOf, numbersFrom, signsOf } from "../births";
import { pair } from "../pairs";

const TEN_GOD_SIGNS = {
  friend: "比肩",
  "rob-wealth": "劫财",
  "eating-god": "食神",
  "hurting-officer": "伤官",
  "indirect-wealth": "偏财",
  "direct-wealth": "正财",
  "seven-killings": "七杀",
  "direct-officer": "正官",
  "indirect-resource": "偏印",
  "direct-resource": "正印",
};
const sum = (values: Record<string, number>) => Object.values(values).reduce((a, b) => a + b, 0);
const signOfStem = (place: number) => LunarUtil.GAN[place + 1] ?? "";

/** Any four pillars of the cycle, with or without an hour. */
const pillars = fc
  .tuple(fc.nat(59), fc.nat(59), fc.nat(59), fc.option(fc.nat(59)))
  .map(([year, month, day, hour]) => ({
    year: stemBranchAt(year),
    month: stemBranchAt(month),
    day: stemBranchAt(day),
    hour: hour === null ? null : stemBranchAt(hour),
  }));

describe("tables agree with the library's", () => {
  test("ten gods, for all hundred pairs of stems", () => {
    STEMS.forEach((dayMaster, one) => {
      STEMS.forEach((stem, other) => {
        const theirs = LunarUtil.SHI_SHEN[signOfStem(one) + signOfStem(other)];
        expect(TEN_GOD_SIGNS[tenGodOf({ dayMaster, stem })]).toBe(theirs);
      });
    });
  });

  test("hidden stems, main one first", () => {
    BRANCHES.forEach((branch, place) => {
      const ours = hiddenStemsOf(branch).map(({ stem }) => signOfStem(STEMS.indexOf(stem)));
      expect(ours).toEqual(LunarUtil.ZHI_HIDE_GAN[LunarUtil.ZHI[place + 1] ?? ""]);
      expect(
        hiddenStemsOf(branch).reduce((total, { weightPercent }) => total + weightPercent, 0),
      ).toBe(100);
    });
  });

  test("life stages of the day master, in 100 charts", () => {
    const stages = [
      "长生",
      "沐浴",
      "冠带",
      "临官",
      "帝旺",
      "衰",
      "病",
      "死",
      "墓",
      "绝",
      "胎",
      "养",
    ];
    const names = [
      "birth",
      "bath",
      "capping",
      "office",
      "peak",
      "decline",
      "sickness",
      "death",
      "tomb",
      "extinction",
      "conception",
      "nurture",
    ];
    const next = numbersFrom(3);
    for (let count = 0; count < 100; count += 1) {
      const date = { year: 1950 + next(30), month: 1 + next(12), day: 1 + next(28) };
      const eight = Solar.fromYmdHms(date.year, date.month, date.day, 12, 0, 0)
        .getLunar()
        .getEightChar();
      const { day, year } = chartOf(date).pillars;
      expect(stages[names.indexOf(day.lifeStage)]).toBe(eight.getDayDiShi());
      expect(stages[names.indexOf(year.lifeStage)]).toBe(eight.getYearDiShi());
    }
    expect(lifeStageOf({ stem: "jia", branch: "hai" })).toBe("birth");
  });

  test("nayin goes by pairs of the cycle", () => {
    const { year } = chartOf({ year: 1984, month: 6 }).pillars;
    expect([signsOf(year), year.nayin]).toEqual(["甲子", 0]);
    expect(chartOf({ year: 1983, month: 6 }).pillars.year.nayin).toBe(29);
  });
});

describe("the cycle of sixty", () => {
  test("is walked and found again", () => {
    for (let index = -60; index < 120; index += 1) {
      expect(sexagenaryIndexOf(stemBranchAt(index))).toBe(((index % 60) + 60) % 60);
    }
  });
  test("has no pair of unlike polarity", () => {
    expect(() => sexagenaryIndexOf({ stem: "jia", branch: "chou" })).toThrow(RangeError);
  });
  test("relations and elements are inverse to each other", () => {
    for (const self of ELEMENTS) {
      for (const relation of RELATIONS) {
        expect(relationOf({ self, other: elementFor({ self, relation }) })).toBe(relation);
      }
    }
  });
});

describe("the balance", () => {
  test("of a chart worked by hand", () => {
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

  test("always has 900 points, 700 without an hour, and percentages that add up to 100", () => {
    fc.assert(
      fc.property(pillars, (each) => {
        const weighed = weighStems(each);
        const { points, percent } = balanceOf(weighed);
        expect(sum(points)).toBe(each.hour === null ? 700 : 900);
        expect(sum(percent)).toBe(100);
        expect(sum(relationPercentOf(weighed))).toBe(100);
        expect(sum(tenGodPointsOf(weighed))).toBe(sum(points) - 100);
      }),
    );
  });

  test("gives a weak day master support, a strong one an outlet", () => {
    fc.assert(
      fc.property(pillars, (each) => {
        const { percent } = balanceOf(weighStems(each));
        const { level, helpful, supportPercent } = strengthOf(each, percent);
        const self = elementOfStem(each.day.stem);
        const first = helpful[0];
        if (first === undefined) throw new Error("nothing would help");
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

  test("asks for warmth in a cold winter chart and for water in a dry summer one", () => {
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

describe("meetings of branches", () => {
  test("are what the classics list", () => {
    const found = new Map<string, string[]>();
    BRANCHES.forEach((one, place) => {
      for (const other of BRANCHES.slice(place)) {
        for (const kind of branchMeetings(one, other)) {
          found.set(kind, [...(found.get(kind) ?? []), `${one}-${other}`]);
        }
      }
    });
    expect(found.get("six-combination")).toEqual([
      "zi-chou",
      "yin-hai",
      "mao-xu",
      "chen-you",
      "si-shen",
      "wu-wei",
    ]);
    expect(found.get("clash")).toEqual([
      "zi-wu",
      "chou-wei",
      "yin-shen",
      "mao-you",
      "chen-xu",
      "si-hai",
    ]);
    expect(found.get("harm")).toEqual([
      "zi-wei",
      "chou-wu",
      "yin-si",
      "mao-chen",
      "shen-hai",
      "you-xu",
    ]);
    expect(found.get("punishment")).toEqual([
      "zi-mao",
      "chou-wei",
      "chou-xu",
      "yin-si",
      "yin-shen",
      "chen-chen",
      "si-shen",
      "wu-wu",
      "wei-xu",
      "you-you",
      "hai-hai",
    ]);
  });

  test("are found with their pillars, trios and stems included", () => {
    const met = interactionsOf({
      year: pair("jia shen"),
      month: pair("bing zi"),
      day: pair("ji wei"),
      hour: pair("wu chen"),
    });
    expect(met).toContainEqual({
      kind: "stem-combination",
      positions: ["year", "day"],
      element: "earth",
    });
    expect(met).toContainEqual({ kind: "harm", positions: ["month", "day"], element: null });
    expect(met).toContainEqual({
      kind: "three-harmony",
      positions: ["year", "month", "hour"],
      element: "water",
    });
    expect(met).toHaveLength(3);
  });
});
