import { branchMeetings } from "../interactions";
import { luckNowOf } from "../luck-now";
import { type Branch, elementOfStem, type Stem } from "../stems-and-branches";
import type { TenGod } from "../ten-gods";
import type { Subject } from "./interpret";
import { beijingDay, elementName, monthAndYear, pillarName } from "./names";
import { paragraph } from "./paragraph";
import type { BranchMeeting } from "./texts";

type Period = { stem: Stem; branch: Branch; tenGod: TenGod };

/** The luck pillar that runs and the one that follows. */
export function luckSection(subject: Subject): string[] {
  const { chart, locale, texts } = subject;
  const now = luckNowOf(chart);
  const first = chart.luck.pillars[0];
  if (now.kind === "not-born") return [texts.sentences.notBornYet(), nextPillar(subject, 0)];
  if (now.kind === "after-last") return [texts.sentences.afterLuck()];
  if (now.kind === "before-first") {
    const from = monthAndYear(locale, first?.startsOn ?? chart.asOfAt);
    return [texts.sentences.beforeLuck({ from }), nextPillar(subject, 0)];
  }
  return [currentPillar(subject, now.place), nextPillar(subject, now.place + 1)];
}

/** The BaZi year of the reading's date. */
export function yearSection(subject: Subject): string[] {
  const { chart, locale, texts, names } = subject;
  if (luckNowOf(chart).kind === "not-born") return [texts.sentences.notBornYet()];
  const { yearNow } = chart;
  return [
    paragraph(locale, [
      texts.sentences.year({
        year: yearNow.year,
        pillar: pillarName(locale, yearNow),
        from: beijingDay(locale, yearNow.startsAt),
        until: beijingDay(locale, yearNow.endsAt),
        god: names.tenGods[yearNow.tenGod],
      }),
      texts.tenGods[yearNow.tenGod].year,
    ]),
    periodInChart(subject, yearNow),
  ];
}

function currentPillar(subject: Subject, place: number): string {
  const { chart, locale, texts, names } = subject;
  const pillar = chart.luck.pillars[place];
  if (pillar === undefined) return "";
  const facts = texts.sentences.luckNow({
    pillar: pillarName(locale, pillar),
    from: monthAndYear(locale, pillar.startsOn),
    until: monthAndYear(locale, pillar.endsOn),
    age: pillar.startAgeYears,
    god: names.tenGods[pillar.tenGod],
  });
  return paragraph(locale, [
    facts,
    texts.tenGods[pillar.tenGod].decade,
    periodInChart(subject, pillar),
  ]);
}

function nextPillar(subject: Subject, place: number): string {
  const { chart, locale, texts, names } = subject;
  const pillar = chart.luck.pillars[place];
  if (pillar === undefined) return "";
  const facts = texts.sentences.luckNext({
    pillar: pillarName(locale, pillar),
    from: monthAndYear(locale, pillar.startsOn),
    god: names.tenGods[pillar.tenGod],
  });
  return paragraph(locale, [facts, texts.tenGods[pillar.tenGod].decade]);
}

/** Whether a period's stem helps, and how its branch meets those of the chart. */
function periodInChart(subject: Subject, period: Period): string {
  const { chart, locale, texts } = subject;
  const element = elementOfStem(period.stem);
  const helpful = chart.strength.helpful.some((each) => each.element === element);
  const meetings = meetingsWithChart(subject, period.branch);
  return paragraph(locale, [
    texts.sentences.helpfulPeriod({ element: elementName(locale, element), helpful }),
    ...(meetings.length === 0 ? [texts.sentences.quietPeriod()] : meetings),
  ]);
}

const GRAVEST_FIRST: readonly BranchMeeting[] = ["clash", "punishment", "harm", "six-combination"];

/** One sentence a kind of meeting. A pillar is told once, by the gravest: 寅 both harms and punishes 巳. */
function meetingsWithChart({ chart, texts, names }: Subject, branch: Branch): string[] {
  const met = (["day", "month", "year", "hour"] as const).flatMap((position) => {
    const own = chart.pillars[position]?.branch;
    const kinds = own === undefined ? [] : branchMeetings(own, branch);
    const kind = GRAVEST_FIRST.find((each) => kinds.includes(each));
    return kind === undefined ? [] : [{ position, kind }];
  });
  return GRAVEST_FIRST.flatMap((kind) => {
    const positions = met.filter((each) => each.kind === kind).map(({ position }) => position);
    if (positions.length === 0) return [];
    return [
      texts.sentences.branchMeeting({
        kind,
        positions: positions.map((position) => names.positions[position]),
        day: positions.includes("day"),
      }),
    ];
  });
}
