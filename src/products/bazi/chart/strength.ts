import { ELEMENTS, type Element, elementFor, type Relation, relationOf } from "./elements";
import type { Position } from "./interactions";
import type { BarePillars } from "./pillars";
import {
  type Branch,
  elementOfBranch,
  elementOfStem,
  hiddenStemsOf,
  mainStemOf,
} from "./stems-and-branches";

export const STRENGTH_LEVELS = ["very-weak", "weak", "balanced", "strong", "very-strong"] as const;
export type StrengthLevel = (typeof STRENGTH_LEVELS)[number];

/** 旺相休囚死: how the season (the month branch) stands to the day master. */
export const SEASON_PHASES = [
  "prosperous",
  "supported",
  "resting",
  "confined",
  "depleted",
] as const;
export type SeasonPhase = (typeof SEASON_PHASES)[number];

export const HELP_REASONS = ["supports", "relieves", "thin", "warms", "cools"] as const;
export type HelpReason = (typeof HELP_REASONS)[number];

const PHASE_BY_RELATION: Readonly<Record<Relation, SeasonPhase>> = {
  companion: "prosperous",
  resource: "supported",
  output: "resting",
  wealth: "confined",
  officer: "depleted",
};
/** What each of five elements would have in an even chart. */
const EVEN_SHARE_PERCENT = 20;
const WINTER: readonly Branch[] = ["hai", "zi", "chou"];
const SUMMER: readonly Branch[] = ["si", "wu", "wei"];

/**
 * How well the day master is carried: the share of all points that are of its own element or of the
 * one that produces it, in levels (below 25, 40, 55, 70 percent; two elements of five would be 40),
 * with the season, the roots, and the elements that would help. README says what this leaves out.
 */
export function strengthOf(pillars: BarePillars, percent: Record<Element, number>) {
  const self = elementOfStem(pillars.day.stem);
  const supportPercent = percent[self] + percent[elementFor({ self, relation: "resource" })];
  const level = levelOf(supportPercent);
  const season = relationOf({ self, other: elementOfBranch(pillars.month.branch) });
  return {
    level,
    supportPercent,
    phase: PHASE_BY_RELATION[season],
    roots: rootsOf(pillars),
    helpful: helpfulElements({ self, level, percent, monthBranch: pillars.month.branch }),
  };
}

function levelOf(supportPercent: number): StrengthLevel {
  if (supportPercent < 25) return "very-weak";
  if (supportPercent < 40) return "weak";
  if (supportPercent < 55) return "balanced";
  return supportPercent < 70 ? "strong" : "very-strong";
}

/** The branches that hide a stem of the day master's element (通根). */
function rootsOf(pillars: BarePillars): { position: Position; isMain: boolean }[] {
  const self = elementOfStem(pillars.day.stem);
  return (["year", "month", "day", "hour"] as const).flatMap((position) => {
    const branch = pillars[position]?.branch;
    if (branch === undefined) return [];
    const rooted = hiddenStemsOf(branch).some(({ stem }) => elementOfStem(stem) === self);
    return rooted ? [{ position, isMain: elementOfStem(mainStemOf(branch)) === self }] : [];
  });
}

function helpfulElements(chart: {
  self: Element;
  level: StrengthLevel;
  percent: Record<Element, number>;
  monthBranch: Branch;
}): { element: Element; reason: HelpReason }[] {
  const byBalance = helpByBalance(chart);
  const climate = helpByClimate(chart.monthBranch);
  if (climate === null || chart.percent[climate.element] >= EVEN_SHARE_PERCENT) return byBalance;
  const alreadyThere = byBalance.some(({ element }) => element === climate.element);
  return alreadyThere ? byBalance : [...byBalance, climate];
}

/** 扶抑: hold up what is weak, give an outlet to what is strong, else fill what is thinnest. */
function helpByBalance({ self, level, percent }: Parameters<typeof helpfulElements>[0]) {
  const share = (relation: Relation) => percent[elementFor({ self, relation })];
  const help = (relation: Relation, reason: HelpReason) => ({
    element: elementFor({ self, relation }),
    reason,
  });
  if (level === "weak" || level === "very-weak") {
    // Wealth breaks resource, so against much wealth one's own element comes first (财多用比劫).
    const wealthLeads = share("wealth") > share("officer") && share("wealth") > share("output");
    const order: Relation[] = wealthLeads ? ["companion", "resource"] : ["resource", "companion"];
    return order.map((relation) => help(relation, "supports"));
  }
  if (level === "strong" || level === "very-strong") {
    // Too much resource is held by wealth; too much of one's own is led by officer or let out.
    const resourceLeads = share("resource") > share("companion");
    const order: Relation[] = resourceLeads ? ["wealth", "output"] : ["output", "officer"];
    return order.map((relation) => help(relation, "relieves"));
  }
  const thinnest = [...ELEMENTS].sort((a, b) => percent[a] - percent[b])[0] ?? self;
  return [{ element: thinnest, reason: "thin" as const }];
}

/** 调候: a chart born in winter wants warmth, one born in summer moisture, unless it has its share. */
function helpByClimate(monthBranch: Branch): { element: Element; reason: HelpReason } | null {
  if (WINTER.includes(monthBranch)) return { element: "fire", reason: "warms" };
  return SUMMER.includes(monthBranch) ? { element: "water", reason: "cools" } : null;
}
