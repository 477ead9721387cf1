import { interactionsOf, PAIR_KINDS } from "../../chart/interactions";
import { mainTenGodOf } from "../../chart/ten-gods";
import { joinSentences, type Subject } from "./section";

/** A partner's star is plentiful from this share. */
const MANY_PERCENT = 25;

/** The partner's seat (the day branch), its interactions, and the partner's star. */
export function relationshipsSection(subject: Subject): string[] {
  const { chart, locale, texts, names } = subject;
  const { day } = chart.pillars;
  const god = mainTenGodOf(day);
  const branch = names.branches[day.branch];
  const { sentences } = texts;
  return [
    joinSentences(locale, [
      sentences.partnerSeat({
        branch:
          locale === "zh-CN" ? branch.sign : `${branch.sign} ${branch.sound}, the ${branch.animal}`,
        god: names.tenGods[god],
      }),
      texts.tenGods[god].partner,
    ]),
    joinSentences(locale, seatTexts(subject)),
    partnerStarText(subject),
  ];
}

function seatTexts({ chart, texts }: Subject): string[] {
  const interactions = interactionsOf(chart.pillars);
  const met = PAIR_KINDS.filter((meeting) =>
    interactions.some(({ kind, positions }) => kind === meeting && positions.includes("day")),
  );
  return met.length === 0 ? [texts.seat.quiet] : met.map((meeting) => texts.seat[meeting]);
}

/** By tradition a man's partner star is wealth, a woman's is authority. */
function partnerStarText({ chart, locale, texts, names }: Subject): string {
  const relation = chart.birth.gender === "male" ? "wealth" : "officer";
  const percent = chart.relationPercent[relation];
  const amount = percent === 0 ? "none" : percent >= MANY_PERCENT ? "many" : "some";
  return joinSentences(locale, [
    texts.sentences.partnerStar({
      star: names.relations[relation],
      gender: chart.birth.gender,
    }),
    texts.partnerStar[amount],
  ]);
}
