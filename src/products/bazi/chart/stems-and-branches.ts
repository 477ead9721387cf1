import { ELEMENTS, type Element, pick } from "./elements";

export const STEMS = [
  "jia",
  "yi",
  "bing",
  "ding",
  "wu",
  "ji",
  "geng",
  "xin",
  "ren",
  "gui",
] as const;
export type Stem = (typeof STEMS)[number];

export const BRANCHES = [
  "zi",
  "chou",
  "yin",
  "mao",
  "chen",
  "si",
  "wu",
  "wei",
  "shen",
  "you",
  "xu",
  "hai",
] as const;
export type Branch = (typeof BRANCHES)[number];

export type Polarity = "yang" | "yin";
export type StemBranch = { stem: Stem; branch: Branch };
export type HiddenStem = { stem: Stem; weightPercent: number };

/** 甲乙 wood, 丙丁 fire, 戊己 earth, 庚辛 metal, 壬癸 water. */
export function elementOfStem(stem: Stem): Element {
  return pick(ELEMENTS, Math.floor(STEMS.indexOf(stem) / 2));
}

export function polarityOfStem(stem: Stem): Polarity {
  return STEMS.indexOf(stem) % 2 === 0 ? "yang" : "yin";
}

/** The element of a branch: that of its main hidden stem. */
export function elementOfBranch(branch: Branch): Element {
  return elementOfStem(mainStemOf(branch));
}

/**
 * The stems hidden in a branch (地支藏干), main stem first. Their weights are 100; 70 and 30; or 60,
 * 30 and 10 percent of the branch. The stems are the standard table; the weights are a convention
 * (docs/decisions/0028-bazi-conventions.md).
 */
export function hiddenStemsOf(branch: Branch): readonly HiddenStem[] {
  return HIDDEN_STEMS[branch];
}

export function mainStemOf(branch: Branch): Stem {
  return pick(HIDDEN_STEMS[branch], 0).stem;
}

/**
 * The position of a pair in the sexagenary cycle, from 0 (甲子) to 59 (癸亥).
 * @throws RangeError if stem and branch differ in polarity and so form no pair
 */
export function sexagenaryIndexOf({ stem, branch }: StemBranch): number {
  const stemIndex = STEMS.indexOf(stem);
  const branchIndex = BRANCHES.indexOf(branch);
  if ((stemIndex - branchIndex) % 2 !== 0) {
    throw new RangeError(`${stem} ${branch} is not a pair of the sexagenary cycle.`);
  }
  return (6 * stemIndex - 5 * branchIndex + 60) % 60;
}

/** The pair at a position of the sexagenary cycle. Accepts any integer, taken modulo 60. */
export function stemBranchAt(sexagenaryIndex: number): StemBranch {
  const index = ((sexagenaryIndex % 60) + 60) % 60;
  return { stem: pick(STEMS, index % 10), branch: pick(BRANCHES, index % 12) };
}

const HIDDEN_STEMS: Readonly<Record<Branch, readonly HiddenStem[]>> = {
  zi: hidden("gui"),
  chou: hidden("ji", "gui", "xin"),
  yin: hidden("jia", "bing", "wu"),
  mao: hidden("yi"),
  chen: hidden("wu", "yi", "gui"),
  si: hidden("bing", "geng", "wu"),
  wu: hidden("ding", "ji"),
  wei: hidden("ji", "ding", "yi"),
  shen: hidden("geng", "ren", "wu"),
  you: hidden("xin"),
  xu: hidden("wu", "xin", "ding"),
  hai: hidden("ren", "jia"),
};

function hidden(...stems: Stem[]): readonly HiddenStem[] {
  const weights = pick([[100], [70, 30], [60, 30, 10]], stems.length - 1);
  return stems.map((stem, index) => ({ stem, weightPercent: pick(weights, index) }));
}
