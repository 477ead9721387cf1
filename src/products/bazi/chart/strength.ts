import { LEADING_PERCENT } from "./balance";
import type { Chart } from "./chart";
import { ELEMENTS, type Element, elementFor, type Relation, relationOf } from "./elements";
import { type FourPillars, PILLAR_POSITIONS, type PillarPosition } from "./pillars";
import {
  type Branch,
  elementOfBranch,
  elementOfStem,
  hiddenStemsOf,
  mainStemOf,
} from "./stems-and-branches";

export const STRENGTH_LEVELS = ["very-weak", "weak", "balanced", "strong", "very-strong"] as const;
export type StrengthLevel = (typeof STRENGTH_LEVELS)[number];

/** 旺相休囚死: the relation of the season (the month branch) to the day master. */
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

/**
 * The effect of more of an element on a chart: one of the reasons why it helps; `draws` on a weak day
 * master; `feeds` a strong one; adds to the element that `leads`; or `neutral`.
 */
export type Effect = HelpReason | "draws" | "feeds" | "leads" | "neutral";
/** Whether an effect improves the balance of a chart (`lifts`), upsets it (`weighs`) or neither. */
export type Direction = "lifts" | "weighs" | "leaves";

const PHASE_BY_RELATION: Readonly<Record<Relation, SeasonPhase>> = {
  companion: "prosperous",
  resource: "supported",
  output: "resting",
  wealth: "confined",
  officer: "depleted",
};
/** The share of each element in an even chart. */
const EVEN_SHARE_PERCENT = 20;
const WINTER: readonly Branch[] = ["hai", "zi", "chou"];
const SUMMER: readonly Branch[] = ["si", "wu", "wei"];

/**
 * The strength of the day master: the share of its own element and of the element that produces it,
 * as a level (below 25, 40, 55 and 70 percent; the even share is 40), with the season, the roots and
 * the helpful elements. Limits: docs/decisions/0028-bazi-conventions.md.
 */
export function strengthOf(pillars: FourPillars, percent: Record<Element, number>) {
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

/** The effect of more of `element` on the chart. */
export function effectOf(chart: Chart, element: Element): Effect {
  const help = chart.strength.helpful.find((each) => each.element === element);
  if (help !== undefined) return help.reason;
  const self = elementOfStem(chart.pillars.day.stem);
  const relation = relationOf({ self, other: element });
  const supports = relation === "companion" || relation === "resource";
  switch (chart.strength.level) {
    case "weak":
    case "very-weak":
      return supports ? "neutral" : "draws";
    case "strong":
    case "very-strong":
      return supports ? "feeds" : "neutral";
    case "balanced":
      return chart.balance.percent[element] >= LEADING_PERCENT ? "leads" : "neutral";
  }
}

export function directionOf(effect: Effect): Direction {
  if (effect === "neutral") return "leaves";
  return effect === "draws" || effect === "feeds" || effect === "leads" ? "weighs" : "lifts";
}

function levelOf(supportPercent: number): StrengthLevel {
  if (supportPercent < 25) return "very-weak";
  if (supportPercent < 40) return "weak";
  if (supportPercent < 55) return "balanced";
  return supportPercent < 70 ? "strong" : "very-strong";
}

/** The pillars whose branch hides a stem of the day master's element (通根). */
function rootsOf(pillars: FourPillars): { position: PillarPosition; isMain: boolean }[] {
  const self = elementOfStem(pillars.day.stem);
  return PILLAR_POSITIONS.flatMap((position) => {
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
  const isListed = byBalance.some(({ element }) => element === climate.element);
  return isListed ? byBalance : [...byBalance, climate];
}

/** 扶抑: support a weak day master, relieve a strong one, otherwise add the thinnest element. */
function helpByBalance({ self, level, percent }: Parameters<typeof helpfulElements>[0]) {
  const share = (relation: Relation) => percent[elementFor({ self, relation })];
  const help = (relation: Relation, reason: HelpReason) => ({
    element: elementFor({ self, relation }),
    reason,
  });
  if (level === "weak" || level === "very-weak") {
    // Wealth controls resource, so companions come first when wealth leads (财多用比劫).
    const wealthLeads = share("wealth") > share("officer") && share("wealth") > share("output");
    const order: Relation[] = wealthLeads ? ["companion", "resource"] : ["resource", "companion"];
    return order.map((relation) => help(relation, "supports"));
  }
  if (level === "strong" || level === "very-strong") {
    // Wealth controls excess resource. Output drains excess companions and officer controls them.
    const resourceLeads = share("resource") > share("companion");
    const order: Relation[] = resourceLeads ? ["wealth", "output"] : ["output", "officer"];
    return order.map((relation) => help(relation, "relieves"));
  }
  const thinnest = [...ELEMENTS].sort((a, b) => percent[a] - percent[b])[0] ?? self;
  return [{ element: thinnest, reason: "thin" as const }];
}

/** 调候: fire warms a birth in winter, water cools a birth in summer. */
function helpByClimate(monthBranch: Branch): { element: Element; reason: HelpReason } | null {
  if (WINTER.includes(monthBranch)) return { element: "fire", reason: "warms" };
  return SUMMER.includes(monthBranch) ? { element: "water", reason: "cools" } : null;
}
