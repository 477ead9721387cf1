import { RELATIONS } from "../../chart/elements";
import { mainTenGod } from "./main-ten-god";
import { paragraph } from "./paragraph";
import type { Subject } from "./subject";

/** What the ten gods say of work and money: the leading group, the month's god, wealth. */
export function workSection({ chart, locale, texts, names }: Subject): string[] {
  const { relationPercent, strength } = chart;
  const leading = [...RELATIONS].sort((a, b) => relationPercent[b] - relationPercent[a])[0];
  const monthGod = mainTenGod(chart.pillars.month);
  const { sentences } = texts;
  return [
    leading === undefined
      ? ""
      : paragraph(locale, [
          sentences.leadingRelation({
            relation: names.relations[leading],
            percent: relationPercent[leading],
          }),
          texts.relations[leading],
        ]),
    paragraph(locale, [
      sentences.monthGod({ god: names.tenGods[monthGod] }),
      texts.tenGods[monthGod].work,
    ]),
    sentences.wealth({ percent: relationPercent.wealth, level: strength.level }),
  ];
}
