import { describe, expect, test } from "vitest";
import type { Pillar } from "@/products/bazi/chart/chart";
import { hiddenStemsOf, type StemBranch } from "@/products/bazi/chart/stems-and-branches";
import { structureOf } from "@/products/bazi/chart/structure";
import { tenGodOf } from "@/products/bazi/chart/ten-gods";
import { pillarsFrom } from "../pairs";

function structure(text: string) {
  const bare = pillarsFrom(text);
  const dayMaster = bare.day.stem;
  const full = ({ stem, branch }: StemBranch): Pillar => ({
    stem,
    branch,
    tenGod: tenGodOf({ dayMaster, stem }),
    hidden: hiddenStemsOf(branch).map((hidden) => ({
      ...hidden,
      tenGod: tenGodOf({ dayMaster, stem: hidden.stem }),
    })),
    nayin: 0,
    lifeStage: "birth",
  });
  const pillars = {
    year: full(bare.year),
    month: full(bare.month),
    day: { ...full(bare.day), tenGod: null },
    hour: bare.hour === null ? null : full(bare.hour),
  };
  return structureOf({ pillars });
}

/** 《子平真诠》, by the rule "先看透干": examples worked by hand, signs beside them. */
describe("the structure", () => {
  test.each([
    // 甲 in 酉 with 辛 showing: Direct Officer, 癸 printing it.
    ["gui si, xin you, jia zi, jia zi", "direct-officer", "month"],
    // 甲 in 酉, 辛 hidden: named all the same.
    ["gui si, ding you, jia zi, jia zi", "direct-officer", null],
    // 丙 in 申: 庚 hidden, 壬 shows in the hour: Seven Killings.
    ["jia zi, jia shen, bing wu, ren chen", "seven-killings", "hour"],
    // 丙 in 申: both 庚 and 壬 show, the main stem comes first.
    ["geng zi, jia shen, bing wu, ren chen", "indirect-wealth", "year"],
    // 甲 in 寅: its own office, though 丙 shows.
    ["bing zi, geng yin, jia zi, bing yin", "established", null],
    // 甲 in 卯: the blade; 乙 in 寅: the month's rival.
    ["ding si, gui mao, jia zi, geng wu", "blade", null],
    ["ding si, ren yin, yi mao, bing zi", "robbing", null],
    // 戊 in 辰, a store of its own earth: 癸 shows, so Direct Wealth.
    ["gui mao, bing chen, wu wu, bing chen", "direct-wealth", "year"],
    // 戊 in 辰, nothing else shows: its own month.
    ["bing yin, ren chen, wu wu, bing chen", "established", null],
  ])("of %s is %s", (pillars, kind, visibleIn) => {
    expect(structure(pillars)).toMatchObject({ kind, visibleIn });
  });

  test("is carried and disturbed by the gods that show", () => {
    // 甲 in 酉: officer, with 癸 (resource) in the year and 丁 (hurting officer) in the hour.
    const { helpers, disturbers } = structure("gui si, xin you, jia zi, ding mao");
    expect(helpers).toEqual([{ god: "direct-resource", position: "year" }]);
    expect(disturbers).toEqual([{ god: "hurting-officer", position: "hour" }]);
  });
});
