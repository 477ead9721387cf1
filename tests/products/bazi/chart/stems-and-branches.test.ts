import { LunarUtil, Solar } from "lunar-typescript";
import { describe, expect, it } from "vitest";
import { ELEMENTS, elementFor, RELATIONS, relationOf } from "@/products/bazi/chart/elements";
import { lifeStageOf } from "@/products/bazi/chart/life-stages";
import {
  BRANCHES,
  hiddenStemsOf,
  STEMS,
  sexagenaryIndexOf,
  stemBranchAt,
} from "@/products/bazi/chart/stems-and-branches";
import { tenGodOf } from "@/products/bazi/chart/ten-gods";
import { chartOf, numbersFrom, signsOf } from "../births";

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
const signOfStem = (index: number) => LunarUtil.GAN[index + 1] ?? "";

describe("tenGodOf", () => {
  it("matches the library for all hundred pairs of stems", () => {
    STEMS.forEach((dayMaster, dayMasterIndex) => {
      STEMS.forEach((stem, stemIndex) => {
        const expected = LunarUtil.SHI_SHEN[signOfStem(dayMasterIndex) + signOfStem(stemIndex)];
        expect(TEN_GOD_SIGNS[tenGodOf({ dayMaster, stem })]).toBe(expected);
      });
    });
  });
});

describe("hiddenStemsOf", () => {
  it("matches the library, main stem first, with weights of 100 percent in total", () => {
    BRANCHES.forEach((branch, index) => {
      const stems = hiddenStemsOf(branch).map(({ stem }) => signOfStem(STEMS.indexOf(stem)));
      expect(stems).toEqual(LunarUtil.ZHI_HIDE_GAN[LunarUtil.ZHI[index + 1] ?? ""]);
      expect(
        hiddenStemsOf(branch).reduce((total, { weightPercent }) => total + weightPercent, 0),
      ).toBe(100);
    });
  });
});

describe("lifeStageOf", () => {
  it("matches the library for the day masters of 100 charts", () => {
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
});

describe("nayin", () => {
  it("runs from 0 at 甲子 to 29 at 癸亥", () => {
    const { year } = chartOf({ year: 1984, month: 6 }).pillars;
    expect([signsOf(year), year.nayin]).toEqual(["甲子", 0]);
    expect(chartOf({ year: 1983, month: 6 }).pillars.year.nayin).toBe(29);
  });
});

describe("the sexagenary cycle", () => {
  it("maps every index to a pair and back", () => {
    for (let index = -60; index < 120; index += 1) {
      expect(sexagenaryIndexOf(stemBranchAt(index))).toBe(((index % 60) + 60) % 60);
    }
  });
  it("has no pair of different polarity", () => {
    expect(() => sexagenaryIndexOf({ stem: "jia", branch: "chou" })).toThrow(RangeError);
  });
});

describe("elementFor", () => {
  it("inverts relationOf", () => {
    for (const self of ELEMENTS) {
      for (const relation of RELATIONS) {
        expect(relationOf({ self, other: elementFor({ self, relation }) })).toBe(relation);
      }
    }
  });
});
