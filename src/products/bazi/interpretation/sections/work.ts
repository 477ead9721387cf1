import { RELATIONS } from "../../chart/elements";
import { mainTenGodOf } from "../../chart/ten-gods";
import { joinSentences, type Subject } from "./section";

/** Work and money: the leading relation, the ten god of the month, and wealth. */
export function workSection({ chart, locale, texts, names }: Subject): string[] {
  const { relationPercent, strength } = chart;
  const leading = [...RELATIONS].sort((a, b) => relationPercent[b] - relationPercent[a])[0];
  const monthGod = mainTenGodOf(chart.pillars.month);
  const { sentences } = texts;
  return [
    leading === undefined
      ? ""
      : joinSentences(locale, [
          sentences.leadingRelation({
            relation: names.relations[leading],
            percent: relationPercent[leading],
          }),
          texts.relations[leading],
        ]),
    joinSentences(locale, [
      sentences.monthGod({ god: names.tenGods[monthGod] }),
      texts.tenGods[monthGod].work,
    ]),
    sentences.wealth({ percent: relationPercent.wealth, level: strength.level }),
  ];
}
