import type { Chart } from "./chart";
import { ELEMENTS, type Element, RELATIONS, type Relation, relationOf } from "./elements";
import type { FourPillars } from "./pillars";
import { elementOfBranch, elementOfStem, hiddenStemsOf, type Stem } from "./stems-and-branches";
import { type TenGod, tenGodOf } from "./ten-gods";

/** The weight of a visible stem, and of a branch as a whole. */
const UNIT_POINTS = 100;
/** The month branch (月令) counts twice: the classics give the season the greatest weight. */
const MONTH_BRANCH_FACTOR = 2;
/** The heaviest element leads the chart from this share. */
export const LEADING_PERCENT = 27;
/** An element is thin below this share. The even share is 20. */
const THIN_PERCENT = 10;

export type WeightedStem = { stem: Stem; points: number };

/**
 * Every visible and hidden stem of the chart with its points; the day master comes first. A visible
 * stem has 100 points. A branch divides 100 among its hidden stems, the month branch 200. The total
 * is 900, or 700 without an hour.
 */
export function weighStems(pillars: FourPillars): WeightedStem[] {
  const { year, month, day, hour } = pillars;
  const visible = [day, month, year, hour].flatMap((each) =>
    each === null ? [] : [{ stem: each.stem, points: UNIT_POINTS }],
  );
  const hidden = [year, month, day, hour].flatMap((each) =>
    each === null
      ? []
      : hiddenStemsOf(each.branch).map(({ stem, weightPercent }) => ({
          stem,
          points: weightPercent * (each === month ? MONTH_BRANCH_FACTOR : 1),
        })),
  );
  return [...visible, ...hidden];
}

/** Points of each element, and integer percentages that add up to 100. */
export function balanceOf(weightedStems: readonly WeightedStem[]) {
  const points: Record<Element, number> = { wood: 0, fire: 0, earth: 0, metal: 0, water: 0 };
  for (const each of weightedStems) points[elementOfStem(each.stem)] += each.points;
  return { points, percent: wholePercentages(ELEMENTS, points) };
}

/** Points of each ten god. The day master is not a god and is not counted. */
export function tenGodPointsOf(weightedStems: readonly WeightedStem[]): Record<TenGod, number> {
  const [dayMaster, ...others] = weightedStems;
  const points: Record<TenGod, number> = {
    friend: 0,
    "rob-wealth": 0,
    "eating-god": 0,
    "hurting-officer": 0,
    "indirect-wealth": 0,
    "direct-wealth": 0,
    "seven-killings": 0,
    "direct-officer": 0,
    "indirect-resource": 0,
    "direct-resource": 0,
  };
  if (dayMaster === undefined) return points;
  for (const { stem, points: more } of others) {
    points[tenGodOf({ dayMaster: dayMaster.stem, stem })] += more;
  }
  return points;
}

/** Share of each relation to the day master in integer percent. The day master is not counted. */
export function relationPercentOf(
  weightedStems: readonly WeightedStem[],
): Record<Relation, number> {
  const [dayMaster, ...others] = weightedStems;
  const points: Record<Relation, number> = {
    companion: 0,
    output: 0,
    wealth: 0,
    officer: 0,
    resource: 0,
  };
  if (dayMaster === undefined) return points;
  const self = elementOfStem(dayMaster.stem);
  for (const { stem, points: more } of others) {
    points[relationOf({ self, other: elementOfStem(stem) })] += more;
  }
  return wholePercentages(RELATIONS, points);
}

/**
 * The elements by share, ties won by the element of the season; the leading element, if any; and the
 * thin elements, thinnest first.
 */
export function rankElements({ balance: { percent }, pillars }: Chart) {
  const season = elementOfBranch(pillars.month.branch);
  const inSeason = (element: Element) => Number(element === season);
  const ordered = [...ELEMENTS].sort(
    (a, b) => percent[b] - percent[a] || inSeason(b) - inSeason(a),
  );
  const first = ordered[0] ?? season;
  return {
    ordered,
    leading: percent[first] >= LEADING_PERCENT ? first : null,
    thin: ordered.filter((element) => percent[element] < THIN_PERCENT).reverse(),
  };
}

/** Rounds by the largest remainder, so that the percentages add up to 100. */
function wholePercentages<K extends string>(
  keys: readonly K[],
  points: Record<K, number>,
): Record<K, number> {
  const total = keys.reduce((sum, key) => sum + points[key], 0);
  const percent = { ...points };
  for (const key of keys) percent[key] = Math.floor((points[key] * 100) / total);
  const missing = 100 - keys.reduce((sum, key) => sum + percent[key], 0);
  const byRemainder = [...keys].sort(
    (a, b) => ((points[b] * 100) % total) - ((points[a] * 100) % total),
  );
  for (const key of byRemainder.slice(0, missing)) percent[key] += 1;
  return percent;
}
