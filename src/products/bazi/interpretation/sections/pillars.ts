import type { Pillar, PillarPosition } from "../../chart/chart";
import { relationOf } from "../../chart/elements";
import { elementOfBranch, elementOfStem } from "../../chart/stems-and-branches";
import { nayinName, pillarName } from "../names";
import { paragraph } from "./paragraph";
import type { Paragraph, Subject } from "./subject";

/** A paragraph for each pillar as a palace: its stem, its image (纳音) and the day master's stage in it. */
export function pillarsSection(subject: Subject): (string | Paragraph)[] {
  const { chart, texts } = subject;
  return (["year", "month", "day", "hour"] as const).map((position) => {
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
    text: paragraph(locale, [
      inPalace(subject, position, pillar),
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

/** What the stem brings to the palace; on the day, where it is the person, what it sits on. */
function inPalace({ chart, texts, names }: Subject, position: PillarPosition, pillar: Pillar) {
  if (position === "day" || pillar.tenGod === null) {
    const self = elementOfStem(chart.pillars.day.stem);
    return texts.seats[relationOf({ self, other: elementOfBranch(pillar.branch) })];
  }
  return texts.sentences.palaceGod({
    god: names.tenGods[pillar.tenGod],
    phrase: texts.palaceGods[pillar.tenGod][position],
  });
}
