import type { Subject } from "./interpret";
import { mainTenGod } from "./main-ten-god";
import { paragraph } from "./paragraph";
import type { BranchMeeting } from "./texts";

/** From this share on a partner's star counts as much. */
const MANY_PERCENT = 25;
const SEAT_MEETINGS: readonly BranchMeeting[] = ["clash", "punishment", "harm", "six-combination"];

/** The partner's seat (day branch), what disturbs it, and the partner's star. */
export function relationshipsSection({ chart, locale, texts, names }: Subject): string[] {
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
    paragraph(locale, seatTexts({ chart, texts })),
    partnerStarText({ chart, locale, texts, names }),
  ];
}

function seatTexts({ chart, texts }: Pick<Subject, "chart" | "texts">): string[] {
  const met = SEAT_MEETINGS.filter((meeting) =>
    chart.interactions.some(({ kind, positions }) => kind === meeting && positions.includes("day")),
  );
  return met.length === 0 ? [texts.palace.quiet] : met.map((meeting) => texts.palace[meeting]);
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
