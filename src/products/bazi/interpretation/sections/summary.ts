import { baziYearsFrom } from "../../chart/pillars";
import { structureOf } from "../../chart/structure";
import { tenGodOf } from "../../chart/ten-gods";
import { elementName, pillarName } from "../names";
import { currentLuck } from "./periods";
import type { Paragraph, Subject } from "./section";

/** The main facts of a chart, as one labelled sentence or two each. */
export function summaryOf(subject: Subject): Paragraph[] {
  const { chart, now, locale, texts, names } = subject;
  const { sentences, summary } = texts;
  const { stem } = chart.pillars.day;
  const { sign, sound, nature } = names.stems[stem];
  const structure = texts.structures[structureOf(chart).kind];
  const [year] = baziYearsFrom(now, 1);
  const lines: Paragraph[] = [
    {
      lead: summary.dayMaster,
      text: sentences.summaryDayMaster({
        stem: locale === "zh-CN" ? sign : `${sign} ${sound}`,
        nature,
        level: names.levels[chart.strength.level],
      }),
    },
    {
      lead: summary.structure,
      text: sentences.summaryStructure(structure),
    },
    {
      lead: summary.helpful,
      text: sentences.helpful(
        chart.strength.helpful.map(({ element, reason }) => ({
          element: elementName(locale, element),
          reason,
        })),
      ),
    },
    { lead: summary.decade, text: currentLuck(subject) },
  ];
  if (year === undefined) return lines;
  const god = tenGodOf({ dayMaster: stem, stem: year.stem });
  const named = sentences.yearLead({
    year: year.year,
    pillar: pillarName(locale, year),
    god: names.tenGods[god],
  });
  return [
    ...lines,
    {
      lead: summary.year,
      text: sentences.summaryYear({ named, advice: texts.tenGods[god].year }),
    },
  ];
}
