import { type Interaction, interactionsOf } from "../../chart/interactions";
import { PILLAR_POSITIONS, type PillarPosition } from "../../chart/pillars";
import { elementOfBranch } from "../../chart/stems-and-branches";
import { effectOf } from "../../chart/strength";
import { elementName } from "../names";
import { joinSentences, type Paragraph, type Subject } from "./section";

/** One paragraph for each interaction between the pillars of the chart. */
export function meetingsSection(subject: Subject): (string | Paragraph)[] {
  const { texts } = subject;
  const met = interactionsOf(subject.chart.pillars);
  if (met.length === 0) return [texts.sentences.noMeetings()];
  return met.map((each) => meeting(subject, each));
}

function meeting(subject: Subject, interaction: Interaction): Paragraph {
  const { chart, locale, texts, names } = subject;
  const { kind, positions, element } = interaction;
  const lead = texts.sentences.meetingLead({
    kind: names.interactions[kind],
    positions: positions.map((position) => names.positions[position]),
    signs: positions.map((position) => signOf(subject, kind, position)),
  });
  const between = positions.map((position) => texts.realms[position]);
  if (element === null)
    return {
      lead,
      text: texts.sentences.meetingBetween({ between, phrase: texts.meetings[kind] }),
    };
  return {
    lead,
    text: joinSentences(locale, [
      texts.sentences.meetingBetween({ between, phrase: texts.meetings[kind] }),
      kind === "stem-combination" ? combinationText(subject, interaction) : "",
      texts.sentences.gathers({
        element: elementName(locale, element),
        effect: texts.effects[effectOf(chart, element)],
      }),
    ]),
  };
}

/** The sign that takes part: the stem in a stem combination, otherwise the branch. */
function signOf(
  { chart, names }: Subject,
  kind: Interaction["kind"],
  position: PillarPosition,
): string {
  const pillar = chart.pillars[position];
  if (pillar === null) return "";
  return kind === "stem-combination"
    ? names.stems[pillar.stem].sign
    : names.branches[pillar.branch].sign;
}

/**
 * Says whether the day master is bound, and whether the two stems transform into the element (化):
 * only neighbours do, and only in a month of that element.
 */
function combinationText({ chart, texts }: Subject, { positions, element }: Interaction): string {
  const indexes = positions.map((position) => PILLAR_POSITIONS.indexOf(position));
  const isNear = Math.max(...indexes) - Math.min(...indexes) === 1;
  const inSeason = elementOfBranch(chart.pillars.month.branch) === element;
  return texts.sentences.combination({
    withDayMaster: positions.includes("day"),
    bond: isNear && inSeason ? "turns" : isNear ? "near" : "far",
  });
}
