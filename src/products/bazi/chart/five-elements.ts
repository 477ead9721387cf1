import { ELEMENTS, type Element, RELATIONS, type Relation, relationOf } from "./elements";
import type { BarePillars } from "./pillars";
import { elementOfStem, hiddenStemsOf, type Stem } from "./stems-and-branches";
import { type TenGod, tenGodOf } from "./ten-gods";

/** A stem that shows, or the whole of a branch, weighs this much. */
const UNIT_POINTS = 100;
/** The month branch is the season, which the classics (月令) weigh above all: it counts twice. */
const MONTH_BRANCH_FACTOR = 2;
/** An element leads the chart when it is the heaviest and has at least this share. */
export const LEADING_PERCENT = 27;

export type Weighed = { stem: Stem; points: number };

/**
 * Every stem of the chart, shown or hidden, with its points: 100 for each stem that shows, 100 for
 * each branch shared among its hidden stems, the month branch twice. 900 in all, 700 without an
 * hour. The day master comes first.
 */
export function weighStems(pillars: BarePillars): Weighed[] {
  const { year, month, day, hour } = pillars;
  const shown = [day, month, year, hour].flatMap((each) =>
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
  return [...shown, ...hidden];
}

/** Points of each element, and whole percentages that add up to 100. */
export function balanceOf(weighed: readonly Weighed[]) {
  const points: Record<Element, number> = { wood: 0, fire: 0, earth: 0, metal: 0, water: 0 };
  for (const each of weighed) points[elementOfStem(each.stem)] += each.points;
  return { points, percent: wholePercentages(ELEMENTS, points) };
}

/** Points of each ten god; the day master itself is nobody's god and is left out. */
export function tenGodPointsOf(weighed: readonly Weighed[]): Record<TenGod, number> {
  const [dayMaster, ...others] = weighed;
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

/** The same points by what they are to the day master, as whole percentages without the day master. */
export function relationPercentOf(weighed: readonly Weighed[]): Record<Relation, number> {
  const [dayMaster, ...others] = weighed;
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

/** Largest-remainder rounding, so that the figures on the screen add up to 100. */
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
