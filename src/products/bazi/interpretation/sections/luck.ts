import type { LuckPillar } from "../../chart/chart";
import { directionOf, effectOf } from "../../chart/effect-on-balance";
import { luckNowOf } from "../../chart/luck-now";
import { elementOfBranch, elementOfStem } from "../../chart/stems-and-branches";
import { elementName, monthAndYear, pillarName } from "../names";
import { paragraph } from "./paragraph";
import { periodMeetingsText } from "./period-text";
import type { Paragraph, Subject } from "./subject";

/** Where the person stands, then a paragraph for each of the ten decades. */
export function luckSection(subject: Subject): (string | Paragraph)[] {
  const { chart } = subject;
  return [standing(subject), ...chart.luck.pillars.map((pillar) => decade(subject, pillar))];
}

function standing({ chart, now, locale, texts }: Subject): string {
  const { sentences } = texts;
  const luckNow = luckNowOf(chart, now);
  const [first] = chart.luck.pillars;
  switch (luckNow.kind) {
    case "not-born":
      return sentences.notBornYet();
    case "after-last":
      return sentences.afterLuck();
    case "before-first":
      return sentences.beforeLuck({
        from: first === undefined ? "" : monthAndYear(locale, first.startsOn),
      });
    case "in-pillar": {
      const running = chart.luck.pillars[luckNow.place];
      if (running === undefined) return "";
      return sentences.luckNow({
        pillar: pillarName(locale, running),
        until: monthAndYear(locale, running.endsOn),
        ordinal: luckNow.place + 1,
      });
    }
  }
}

function decade(subject: Subject, pillar: LuckPillar): Paragraph {
  const { chart, locale, texts, names } = subject;
  const stem = elementOfStem(pillar.stem);
  const branch = elementOfBranch(pillar.branch);
  const god = texts.tenGods[pillar.tenGod].decade;
  const direction = directionOf(effectOf(chart, stem));
  return {
    lead: texts.sentences.decadeLead({
      fromAge: pillar.startAgeYears,
      untilAge: pillar.startAgeYears + 10,
      from: monthAndYear(locale, pillar.startsOn),
      until: monthAndYear(locale, pillar.endsOn),
      pillar: pillarName(locale, pillar),
    }),
    text: paragraph(locale, [
      texts.sentences.decadeBrings({
        element: elementName(locale, stem),
        god: names.tenGods[pillar.tenGod],
        brings: god.brings,
      }),
      direction === "leaves" ? "" : god[direction],
      texts.sentences.decadeEffect({
        stem: elementName(locale, stem),
        stemEffect: effectOf(chart, stem),
        branch: elementName(locale, branch),
        branchEffect: effectOf(chart, branch),
      }),
      periodMeetingsText(subject, pillar, null),
    ]),
  };
}
