import { effectOf } from "../../chart/effect-on-balance";
import { luckNowOf, luckPillarAt } from "../../chart/luck-now";
import { type BaziYear, yearsFrom } from "../../chart/running-years";
import { elementOfBranch, elementOfStem } from "../../chart/stems-and-branches";
import { tenGodOf } from "../../chart/ten-gods";
import { beijingDay, elementName, pillarName } from "../names";
import { paragraph } from "./paragraph";
import { periodMeetingsText } from "./period-text";
import type { Paragraph, Subject } from "./subject";

/** The running year and the next three. */
const YEARS = 4;

/** The BaZi year that runs and the three after it, each against the chart and its decade. */
export function yearsSection(subject: Subject): (string | Paragraph)[] {
  const { chart, now, locale, texts } = subject;
  if (luckNowOf(chart, now).kind === "not-born") return [texts.sentences.notBornYet()];
  const years = yearsFrom(now, YEARS);
  const [running] = years;
  return [
    running === undefined
      ? ""
      : texts.sentences.yearRuns({
          from: beijingDay(locale, running.startsAt),
          until: beijingDay(locale, running.endsAt),
        }),
    ...years.map((year) => told(subject, year)),
  ];
}

function told(subject: Subject, year: BaziYear): Paragraph {
  const { chart, locale, texts, names } = subject;
  const tenGod = tenGodOf({ dayMaster: chart.pillars.day.stem, stem: year.stem });
  const middle = new Date((year.startsAt.getTime() + year.endsAt.getTime()) / 2);
  const stem = elementOfStem(year.stem);
  const branch = elementOfBranch(year.branch);
  return {
    lead: texts.sentences.yearLead({
      year: year.year,
      pillar: pillarName(locale, year),
      god: names.tenGods[tenGod],
    }),
    text: paragraph(locale, [
      texts.tenGods[tenGod].year,
      texts.sentences.yearEffect({
        stem: elementName(locale, stem),
        stemEffect: effectOf(chart, stem),
        branch: elementName(locale, branch),
        branchEffect: effectOf(chart, branch),
      }),
      // A year that straddles two decades is read in the one that holds most of it.
      periodMeetingsText(subject, year, luckPillarAt(chart, middle)),
    ]),
  };
}
