import type { Chart } from "./chart";
import { type Element, relationOf } from "./elements";
import { LEADING_PERCENT } from "./five-elements";
import { elementOfStem } from "./stems-and-branches";
import type { HelpReason } from "./strength";

/**
 * What more of an element does to a chart: one of the reasons why it helps; that it draws on a weak
 * day master, feeds a strong one, or adds to what already leads; or none of these.
 */
export type Effect = HelpReason | "draws" | "feeds" | "leads" | "neutral";

export function effectOf(chart: Chart, element: Element): Effect {
  const help = chart.strength.helpful.find((each) => each.element === element);
  if (help !== undefined) return help.reason;
  const self = elementOfStem(chart.pillars.day.stem);
  const relation = relationOf({ self, other: element });
  const carries = relation === "companion" || relation === "resource";
  switch (chart.strength.level) {
    case "weak":
    case "very-weak":
      return carries ? "neutral" : "draws";
    case "strong":
    case "very-strong":
      return carries ? "feeds" : "neutral";
    case "balanced":
      return chart.balance.percent[element] >= LEADING_PERCENT ? "leads" : "neutral";
  }
}

/** Whether the effect lifts the balance, weighs on it or leaves it as it is. */
export function directionOf(effect: Effect): "lifts" | "weighs" | "leaves" {
  if (effect === "neutral") return "leaves";
  return effect === "draws" || effect === "feeds" || effect === "leads" ? "weighs" : "lifts";
}
