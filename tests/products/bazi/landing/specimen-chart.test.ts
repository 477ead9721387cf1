import { Solar } from "lunar-typescript";
import { describe, expect, it } from "vitest";
import { SPECIMEN_ELEMENTS, SPECIMEN_PILLARS } from "@/products/bazi/landing/specimen-chart";

const ELEMENT_OF: Record<string, string> = {
  甲: "wood",
  乙: "wood",
  丙: "fire",
  丁: "fire",
  戊: "earth",
  己: "earth",
  庚: "metal",
  辛: "metal",
  壬: "water",
  癸: "water",
  寅: "wood",
  卯: "wood",
  巳: "fire",
  午: "fire",
  申: "metal",
  酉: "metal",
  亥: "water",
  子: "water",
  辰: "earth",
  戌: "earth",
  丑: "earth",
  未: "earth",
};

describe("SpecimenChart", () => {
  it("shows the chart of the birth in its caption", () => {
    const chart = Solar.fromYmdHms(1992, 9, 8, 6, 15, 0).getLunar().getEightChar();
    const shown = SPECIMEN_PILLARS.map(({ stem, branch }) => stem[0] + branch[0]);
    expect(shown).toEqual([chart.getYear(), chart.getMonth(), chart.getDay(), chart.getTime()]);
    expect(SPECIMEN_PILLARS.map(({ hidden }) => hidden)).toEqual(
      [
        chart.getYearHideGan(),
        chart.getMonthHideGan(),
        chart.getDayHideGan(),
        chart.getTimeHideGan(),
      ].map((stems) => stems.join("")),
    );
  });

  it("shows how many of its characters belong to each element", () => {
    const characters = SPECIMEN_PILLARS.flatMap(({ stem, branch }) => [stem[0], branch[0]]);
    for (const { element, count } of SPECIMEN_ELEMENTS) {
      const found = characters.filter((character) => ELEMENT_OF[character] === element);
      expect(found, element).toHaveLength(count);
    }
  });
});
