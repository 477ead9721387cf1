import type { LuckPillar } from "../../chart/chart";
import { luckNowOf, luckPillarAt } from "../../chart/luck-pillars";
import { type PeriodMeeting, periodMeetings } from "../../chart/period-meetings";
import { type BaziYear, baziYearsFrom } from "../../chart/pillars";
import { elementOfBranch, elementOfStem, type StemBranch } from "../../chart/stems-and-branches";
import { directionOf, effectOf } from "../../chart/strength";
import { tenGodOf } from "../../chart/ten-gods";
import type { PeriodEffect } from "../language-texts";
import { beijingDay, elementName, monthAndYear, pillarName } from "../names";
import { joinSentences, type Paragraph, type Subject } from "./section";

/** The current BaZi year and the next three. */
const YEARS = 4;

/** The current position in the luck pillars, then one paragraph for each of the ten decades. */
export function luckSection(subject: Subject): (string | Paragraph)[] {
  const { chart } = subject;
  return [currentLuck(subject), ...chart.luck.pillars.map((pillar) => decade(subject, pillar))];
}

/** The current BaZi year and the next three, each with its effect on the chart and its decade. */
export function yearsSection(subject: Subject): (string | Paragraph)[] {
  const { chart, now, locale, texts } = subject;
  if (luckNowOf(chart, now).kind === "not-born") return [texts.sentences.notBornYet()];
  const years = baziYearsFrom(now, YEARS);
  const [current] = years;
  return [
    current === undefined
      ? ""
      : texts.sentences.yearRuns({
          from: beijingDay(locale, current.startsAt),
          until: beijingDay(locale, current.endsAt),
        }),
    ...years.map((each) => year(subject, each)),
  ];
}

/** The luck pillar at `now`, or why there is none. */
export function currentLuck({ chart, now, locale, texts }: Subject): string {
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
      const current = chart.luck.pillars[luckNow.index];
      if (current === undefined) return "";
      return sentences.luckNow({
        pillar: pillarName(locale, current),
        until: monthAndYear(locale, current.endsOn),
        ordinal: luckNow.index + 1,
      });
    }
  }
}

function decade(subject: Subject, pillar: LuckPillar): Paragraph {
  const { chart, locale, texts, names } = subject;
  const stem = elementOfStem(pillar.stem);
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
    text: joinSentences(locale, [
      texts.sentences.decadeBrings({
        element: elementName(locale, stem),
        god: names.tenGods[pillar.tenGod],
        brings: god.brings,
      }),
      direction === "leaves" ? "" : god[direction],
      texts.sentences.decadeEffect(effectOfPeriod(subject, pillar)),
      meetings(subject, { period: pillar, decade: null }),
    ]),
  };
}

function year(subject: Subject, each: BaziYear): Paragraph {
  const { chart, locale, texts, names } = subject;
  const tenGod = tenGodOf({ dayMaster: chart.pillars.day.stem, stem: each.stem });
  // A year that spans two decades belongs to the one that contains most of it.
  const middle = new Date((each.startsAt.getTime() + each.endsAt.getTime()) / 2);
  return {
    lead: texts.sentences.yearLead({
      year: each.year,
      pillar: pillarName(locale, each),
      god: names.tenGods[tenGod],
    }),
    text: joinSentences(locale, [
      texts.tenGods[tenGod].year,
      texts.sentences.yearEffect(effectOfPeriod(subject, each)),
      meetings(subject, { period: each, decade: luckPillarAt(chart, middle) }),
    ]),
  };
}

function effectOfPeriod({ chart, locale }: Subject, period: StemBranch): PeriodEffect {
  const stem = elementOfStem(period.stem);
  const branch = elementOfBranch(period.branch);
  return {
    stem: elementName(locale, stem),
    stemEffect: effectOf(chart, stem),
    branch: elementName(locale, branch),
    branchEffect: effectOf(chart, branch),
  };
}

/** One sentence for each interaction of the period with the chart, or one that says there is none. */
function meetings(
  subject: Subject,
  period: { period: StemBranch; decade: StemBranch | null },
): string {
  const { chart, locale, texts } = subject;
  const met = periodMeetings(chart.pillars, period);
  if (met.length === 0) return texts.sentences.quietPeriod();
  return joinSentences(
    locale,
    met.map((each) => meeting(subject, each)),
  );
}

function meeting({ chart, locale, texts, names }: Subject, met: PeriodMeeting): string {
  const { sentences } = texts;
  const positions = met.positions.map((position) => names.positions[position]);
  const day = met.positions.includes("day");
  if (!("element" in met)) {
    const named = met.positions.map((position) => ({ position, name: names.positions[position] }));
    return sentences.periodMeets({ kind: met.kind, met: named });
  }
  const element = elementName(locale, met.element);
  const direction = directionOf(effectOf(chart, met.element));
  if (met.kind === "half-harmony") return sentences.periodHalf({ positions, element, direction });
  if (met.kind === "stem-combination") return sentences.periodStems({ positions, element, day });
  return sentences.periodTrio({
    kind: met.kind,
    signs: met.branches.map((branch) => names.branches[branch].sign).join(""),
    positions,
    withDecade: met.withDecade,
    element,
    direction,
  });
}
