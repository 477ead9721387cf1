import { directionOf, effectOf } from "../../chart/effect-on-balance";
import { type PeriodMeeting, periodMeetings } from "../../chart/period-meetings";
import type { StemBranch } from "../../chart/stems-and-branches";
import { elementName } from "../names";
import { paragraph } from "./paragraph";
import type { Subject } from "./subject";

/** How a decade or year meets the chart, a sentence a kind; that it meets nothing only if it does not. */
export function periodMeetingsText(
  subject: Subject,
  period: StemBranch,
  decade: StemBranch | null,
): string {
  const { chart, locale, texts } = subject;
  const met = periodMeetings(chart.pillars, period, decade);
  if (met.length === 0) return texts.sentences.quietPeriod();
  return paragraph(
    locale,
    met.map((each) => told(subject, each)),
  );
}

function told({ chart, locale, texts, names }: Subject, met: PeriodMeeting): string {
  const { sentences } = texts;
  const positions = met.positions.map((position) => names.positions[position]);
  const day = met.positions.includes("day");
  if (!("element" in met)) {
    const named = met.positions.map((position) => ({ position, name: names.positions[position] }));
    return sentences.periodMeets({ kind: met.kind, met: named });
  }
  const element = elementName(locale, met.element);
  const direction = directionOf(effectOf(chart, met.element));
  if (met.kind === "half-harmony") return sentences.periodHalf({ positions, element, direction });
  if (met.kind === "stem-combination") {
    return sentences.periodStems({ positions, element, day });
  }
  return sentences.periodTrio({
    kind: met.kind,
    signs: met.branches.map((branch) => names.branches[branch].sign).join(""),
    positions,
    withDecade: met.withDecade,
    element,
    direction,
  });
}
