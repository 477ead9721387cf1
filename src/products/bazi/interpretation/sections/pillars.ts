import type { Pillar } from "../../chart/chart";
import { relationOf } from "../../chart/elements";
import { PILLAR_POSITIONS, type PillarPosition } from "../../chart/pillars";
import { elementOfBranch, elementOfStem } from "../../chart/stems-and-branches";
import { nayinName, pillarName } from "../names";
import { joinSentences, type Paragraph, type Subject } from "./section";

/** One paragraph for each pillar as a palace: stem, life stage of the day master and image (纳音). */
export function pillarsSection(subject: Subject): (string | Paragraph)[] {
  const { chart, texts } = subject;
  return PILLAR_POSITIONS.map((position) => {
    const pillar = chart.pillars[position];
    return pillar === null ? texts.sentences.noHour() : palace(subject, position, pillar);
  });
}

function palace(subject: Subject, position: PillarPosition, pillar: Pillar): Paragraph {
  const { locale, texts, names } = subject;
  const { sentences } = texts;
  return {
    lead: sentences.palaceLead({
      position: names.positions[position],
      pillar: pillarName(locale, pillar),
      palace: texts.palaces[position],
    }),
    text: joinSentences(locale, [
      stemInPalace(subject, position, pillar),
      sentences.stage({
        stage: names.lifeStages[pillar.lifeStage],
        phrase: texts.stages[pillar.lifeStage],
      }),
      sentences.image({
        name: nayinName(locale, pillar.nayin),
        phrase: texts.nayin[pillar.nayin] ?? "",
      }),
    ]),
  };
}

/** The ten god of the stem; for the day pillar, the relation of its branch to the day master. */
function stemInPalace({ chart, texts, names }: Subject, position: PillarPosition, pillar: Pillar) {
  if (position === "day" || pillar.tenGod === null) {
    const self = elementOfStem(chart.pillars.day.stem);
    return texts.seats[relationOf({ self, other: elementOfBranch(pillar.branch) })];
  }
  return texts.sentences.palaceGod({
    god: names.tenGods[pillar.tenGod],
    phrase: texts.palaceGods[pillar.tenGod][position],
  });
}
