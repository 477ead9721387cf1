import { pick } from "./elements";
import { BRANCHES, type Branch, polarityOfStem, type Stem } from "./stems-and-branches";

/** The twelve stages (十二长生): 长生 沐浴 冠带 临官 帝旺 衰 病 死 墓 绝 胎 养. */
export const LIFE_STAGES = [
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
] as const;
export type LifeStage = (typeof LIFE_STAGES)[number];

const BIRTH_BRANCH: Readonly<Record<Stem, Branch>> = {
  jia: "hai",
  yi: "wu",
  bing: "yin",
  ding: "you",
  wu: "yin",
  ji: "you",
  geng: "si",
  xin: "zi",
  ren: "shen",
  gui: "mao",
};

/** The stage of a stem in a branch. Yang stems run forward, yin stems backward (阳顺阴逆). */
export function lifeStageOf({ stem, branch }: { stem: Stem; branch: Branch }): LifeStage {
  const steps = BRANCHES.indexOf(branch) - BRANCHES.indexOf(BIRTH_BRANCH[stem]);
  const direction = polarityOfStem(stem) === "yang" ? 1 : -1;
  return pick(LIFE_STAGES, (direction * steps + 12) % 12);
}
