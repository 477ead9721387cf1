import { joinSentences, type Subject } from "./section";

/** The day master and its strength: share of support, season, roots. */
export function dayMasterSection({ chart, locale, texts, names }: Subject): string[] {
  const { stem } = chart.pillars.day;
  const { strength } = chart;
  const name = names.stems[stem];
  const { sentences } = texts;
  return [
    joinSentences(locale, [
      sentences.dayMaster({
        stem: locale === "zh-CN" ? name.sign : `${name.sign} ${name.sound}`,
        nature: name.nature,
      }),
      texts.stems[stem],
    ]),
    joinSentences(locale, [
      sentences.support({
        percent: strength.supportPercent,
        level: names.levels[strength.level],
      }),
      texts.phases[strength.phase],
      sentences.roots({
        count: strength.roots.length,
        main: strength.roots.filter(({ isMain }) => isMain).length,
        of: chart.pillars.hour === null ? 3 : 4,
      }),
    ]),
    texts.levels[strength.level],
  ];
}
