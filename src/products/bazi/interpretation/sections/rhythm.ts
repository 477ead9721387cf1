import { BRANCHES, type Branch } from "../../chart/stems-and-branches";
import type { Season } from "../texts";
import { heaviestAndThinnest } from "./heaviest-and-thinnest";
import { paragraph } from "./paragraph";
import type { Subject } from "./subject";

const SEASONS: readonly Season[] = ["winter", "spring", "summer", "autumn"];

/** Season of birth, leading and thinnest element, as counsel on rhythm; never as medicine. */
export function rhythmSection({ chart, locale, texts }: Subject): string[] {
  const { heaviest, thin } = heaviestAndThinnest(chart);
  const [thinnest] = thin;
  return [
    texts.seasons[seasonOf(chart.pillars.month.branch)],
    paragraph(locale, [
      heaviest === null ? "" : texts.elements[heaviest].rhythmHeavy,
      thinnest === undefined ? "" : texts.elements[thinnest].rhythmThin,
    ]),
  ];
}

/** 亥子丑 winter, 寅卯辰 spring, 巳午未 summer, 申酉戌 autumn. */
function seasonOf(branch: Branch): Season {
  const place = Math.floor(((BRANCHES.indexOf(branch) + 1) % 12) / 3);
  return SEASONS[place] ?? "winter";
}
