import { interactionsOf, type PairKind } from "../../chart/interactions";
import { mainTenGod } from "./main-ten-god";
import { paragraph } from "./paragraph";
import type { Subject } from "./subject";

/** From this share on a partner's star counts as much. */
const MANY_PERCENT = 25;
const SEAT_MEETINGS: readonly PairKind[] = ["clash", "punishment", "harm", "six-combination"];

/** The partner's seat (day branch), what disturbs it, and the partner's star. */
export function relationshipsSection(subject: Subject): string[] {
  const { chart, locale, texts, names } = subject;
  const { day } = chart.pillars;
  const god = mainTenGod(day);
  const branch = names.branches[day.branch];
  const { sentences } = texts;
  return [
    paragraph(locale, [
      sentences.partnerSeat({
        branch:
          locale === "zh-CN" ? branch.sign : `${branch.sign} ${branch.sound}, the ${branch.animal}`,
        god: names.tenGods[god],
      }),
      texts.tenGods[god].partner,
    ]),
    paragraph(locale, seatTexts(subject)),
    partnerStarText(subject),
  ];
}

function seatTexts({ chart, texts }: Subject): string[] {
  const interactions = interactionsOf(chart.pillars);
  const met = SEAT_MEETINGS.filter((meeting) =>
    interactions.some(({ kind, positions }) => kind === meeting && positions.includes("day")),
  );
  return met.length === 0 ? [texts.seat.quiet] : met.map((meeting) => texts.seat[meeting]);
}

/** By tradition wealth stands for a man's partner and authority for a woman's. */
function partnerStarText({ chart, locale, texts, names }: Subject): string {
  const relation = chart.birth.gender === "male" ? "wealth" : "officer";
  const percent = chart.relationPercent[relation];
  const amount = percent === 0 ? "none" : percent >= MANY_PERCENT ? "many" : "some";
  return paragraph(locale, [
    texts.sentences.partnerStar({
      star: names.relations[relation],
      gender: chart.birth.gender,
    }),
    texts.partnerStar[amount],
  ]);
}
