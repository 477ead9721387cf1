import { describe, expect, it } from "vitest";
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

/** Examples worked by hand. Source of the rule: 《子平真诠》. */
describe("structureOf", () => {
  it.each([
    // 甲 in 酉, 辛 visible: Direct Officer.
    ["gui si, xin you, jia zi, jia zi", "direct-officer", "month"],
    // 甲 in 酉, 辛 hidden only: the same name.
    ["gui si, ding you, jia zi, jia zi", "direct-officer", null],
    // 丙 in 申, 庚 hidden only, 壬 visible in the hour: Seven Killings.
    ["jia zi, jia shen, bing wu, ren chen", "seven-killings", "hour"],
    // 丙 in 申, 庚 and 壬 visible: the main stem takes precedence.
    ["geng zi, jia shen, bing wu, ren chen", "indirect-wealth", "year"],
    // 甲 in 寅: 建禄, although 丙 is visible.
    ["bing zi, geng yin, jia zi, bing yin", "established", null],
    // 甲 in 卯: 阳刃. 乙 in 寅: 月劫.
    ["ding si, gui mao, jia zi, geng wu", "blade", null],
    ["ding si, ren yin, yi mao, bing zi", "robbing", null],
    // 戊 in 辰, a store of its own earth, 癸 visible: Direct Wealth.
    ["gui mao, bing chen, wu wu, bing chen", "direct-wealth", "year"],
    // 戊 in 辰, no other hidden stem visible: 建禄.
    ["bing yin, ren chen, wu wu, bing chen", "established", null],
  ])("names %s %s", (pillars, kind, visibleIn) => {
    expect(structure(pillars)).toMatchObject({ kind, visibleIn });
  });

  it("lists the visible gods that support and disturb the structure", () => {
    // 甲 in 酉: Direct Officer, with 癸 (resource) in the year and 丁 (hurting officer) in the hour.
    const { helpers, disturbers } = structure("gui si, xin you, jia zi, ding mao");
    expect(helpers).toEqual([{ god: "direct-resource", position: "year" }]);
    expect(disturbers).toEqual([{ god: "hurting-officer", position: "hour" }]);
  });
});
