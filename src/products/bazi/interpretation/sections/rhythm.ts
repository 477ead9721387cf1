import { rankElements } from "../../chart/balance";
import { BRANCHES, type Branch } from "../../chart/stems-and-branches";
import type { Season } from "../language-texts";
import { joinSentences, type Subject } from "./section";

const SEASONS: readonly Season[] = ["winter", "spring", "summer", "autumn"];

/** Daily rhythm, from the season of birth and the leading and thinnest elements. No medical advice. */
export function rhythmSection({ chart, locale, texts }: Subject): string[] {
  const { leading, thin } = rankElements(chart);
  const [thinnest] = thin;
  return [
    texts.seasons[seasonOf(chart.pillars.month.branch)],
    joinSentences(locale, [
      leading === null ? "" : texts.elements[leading].rhythmHeavy,
      thinnest === undefined ? "" : texts.elements[thinnest].rhythmThin,
    ]),
  ];
}

/** 亥子丑 winter, 寅卯辰 spring, 巳午未 summer, 申酉戌 autumn. */
function seasonOf(branch: Branch): Season {
  const index = Math.floor(((BRANCHES.indexOf(branch) + 1) % 12) / 3);
  return SEASONS[index] ?? "winter";
}
