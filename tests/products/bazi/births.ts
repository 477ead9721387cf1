import { type BirthInput, birthInputSchema } from "@/products/bazi/birth/input";
import { computeChart } from "@/products/bazi/chart/compute-chart";
import type { StemBranch } from "@/products/bazi/chart/stems-and-branches";

export const NOW = new Date("2026-11-23T04:00:00Z");

/** A valid birth: noon on 15 June 1990 in Beijing by the clock, with `changes`. */
export function birthLike(changes: Partial<BirthInput> = {}): BirthInput {
  return {
    name: "Lin",
    gender: "female",
    calendar: "solar",
    year: 1990,
    month: 6,
    day: 15,
    isLeapMonth: false,
    time: "12:00",
    place: { kind: "city", cityId: "beijing" },
    useTrueSolarTime: false,
    dayChangesAt: "midnight",
    ...changes,
  };
}

/** The chart of `birthLike(changes)`. Throws if the birth is invalid. */
export function chartOf(changes: Partial<BirthInput> = {}) {
  return computeChart(birthInputSchema.parse(birthLike(changes)));
}

const STEM_SIGNS = {
  jia: "甲",
  yi: "乙",
  bing: "丙",
  ding: "丁",
  wu: "戊",
  ji: "己",
  geng: "庚",
  xin: "辛",
  ren: "壬",
  gui: "癸",
};
const BRANCH_SIGNS = {
  zi: "子",
  chou: "丑",
  yin: "寅",
  mao: "卯",
  chen: "辰",
  si: "巳",
  wu: "午",
  wei: "未",
  shen: "申",
  you: "酉",
  xu: "戌",
  hai: "亥",
};

export function signsOf({ stem, branch }: StemBranch): string {
  return STEM_SIGNS[stem] + BRANCH_SIGNS[branch];
}

/** The characters of the four pillars: year, month, day, hour. */
export function pillarSigns(changes: Partial<BirthInput>): string {
  const { year, month, day, hour } = chartOf(changes).pillars;
  return [year, month, day, hour].map((each) => (each === null ? "—" : signsOf(each))).join(" ");
}

/** Deterministic random integers in [0, below), so that a failure can be reproduced. */
export function numbersFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
