import type { Chart } from "../../chart/chart";
import { ELEMENTS, type Element } from "../../chart/elements";
import { LEADING_PERCENT } from "../../chart/five-elements";
import { elementOfBranch } from "../../chart/stems-and-branches";

/** Below this share an element is called thin; a fifth would be its even share. */
const THIN_PERCENT = 10;

/**
 * The elements by weight (among equals the season's comes first), the one that leads if one does,
 * and those that hardly appear, thinnest first.
 */
export function heaviestAndThinnest({ balance: { percent }, pillars }: Chart) {
  const season = elementOfBranch(pillars.month.branch);
  const inSeason = (element: Element) => Number(element === season);
  const ordered = [...ELEMENTS].sort(
    (a, b) => percent[b] - percent[a] || inSeason(b) - inSeason(a),
  );
  const first = ordered[0] ?? season;
  return {
    ordered,
    heaviest: percent[first] >= LEADING_PERCENT ? first : null,
    thin: ordered.filter((element) => percent[element] < THIN_PERCENT).reverse(),
  };
}
