import type { PairKind } from "../../chart/interactions";
import type { PillarPosition } from "../../chart/pillars";
import { type Direction, directionOf, type Effect } from "../../chart/strength";
import type { PeriodEffect, PeriodSentences } from "../language-texts";
import { capital, list } from "./grammar";

export const periodSentences: PeriodSentences = {
  luckNow: ({ pillar, until, ordinal }) =>
    `You are in the ${ordinals[ordinal - 1] ?? ""} of ten decades, ${pillar}, until ${until}.`,
  beforeLuck: ({ from }) =>
    `The first decade begins in ${from}. Until then, the month pillar and your family take its place.`,
  afterLuck: () => "The ten decades of this chart, a hundred years, are over.",
  notBornYet: () => "The birth is in the future, so there is no current period yet.",
  decadeLead: ({ fromAge, untilAge, from, until, pillar }) =>
    `Age ${fromAge} to ${untilAge} (${from} to ${until}): ${pillar}`,
  decadeBrings: ({ element, god, brings }) => `Its stem is ${element}, your ${god}: ${brings}.`,
  decadeEffect: (facts) =>
    inTwoHalves(facts, {
      first: "In the first five years its stem",
      second: "in the last five its branch",
    }),
  yearRuns: ({ from, until }) =>
    `A BaZi year begins with the Start of Spring. The current one lasts from ${from} to ${until}, Beijing time.`,
  yearLead: ({ year, pillar, god }) => `${year}: ${pillar}, ${god}`,
  yearEffect: (facts) =>
    inTwoHalves(facts, { first: "On the surface its stem", second: "beneath it the branch" }),
  periodMeets: ({ kind, met }) => {
    const { verb, brings } = periodMeetings[kind];
    const meanings = met.map(({ position }) => brings[position]).join("; ");
    return `Its branch ${verb} ${pillarsText(met.map(({ name }) => name))}: ${meanings}.`;
  },
  periodHalf: ({ positions, element, direction }) =>
    `With ${pillarsText(positions)} its branch forms a half harmony of ${element}, ${gathering[direction]}.`,
  periodStems: ({ positions, element, day }) =>
    `Its stem combines with the stem of ${pillarsText(positions)} (towards ${element}): ${
      day
        ? "the day master is drawn away, and commitments made now are hard to leave"
        : "the people and matters of that pillar are tied up for a while"
    }.`,
  periodTrio: ({ kind, signs, positions, withDecade, element, direction }) => {
    const partners = withDecade
      ? `${pillarsText(positions)} and the decade`
      : pillarsText(positions);
    const whole = kind === "three-harmony" ? "the harmony" : "the season";
    return `With ${partners} its branch completes ${whole} ${signs}: ${element} is the strongest force of this period, ${gathering[direction]}.`;
  },
  quietPeriod: () =>
    "It has no interaction with the chart: no combination of stems, and no combination, harmony, clash, harm or punishment of branches. Expect little disturbance from outside.",
};

const periodMeetings: Record<
  PairKind | "repeat",
  { verb: string; brings: Record<PillarPosition, string> }
> = {
  "six-combination": {
    verb: "combines with",
    brings: {
      year: "family ties grow closer, and an elder’s word carries more weight",
      month: "you find an ally at work, and agreed plans are kept",
      day: "closeness is sought and found; keep some space for yourself",
      hour: "children, students or a late project come closer",
    },
  },
  clash: {
    verb: "clashes with",
    brings: {
      year: "your roots shift, through a move, leaving home or a change among the elders",
      month:
        "work shifts, and it is better to choose a new post or direction than to have one chosen for you",
      day: "home shifts; travel, a new address or an honest talk is better than a standoff",
      hour: "long-term plans shift, and so may children, subordinates or anything that seemed settled",
    },
  },
  harm: {
    verb: "is in harm with",
    brings: {
      year: "small family grievances build up and are worth naming early",
      month: "friction at work comes from colleagues rather than tasks",
      day: "small resentments wear on a partnership, or on your sleep, if nobody names them",
      hour: "worries about children or the future take up more room than they deserve",
    },
  },
  punishment: {
    verb: "is in punishment with",
    brings: {
      year: "an old family conflict returns, and you can handle it differently this time",
      month: "an old problem at work returns in a new form; watch contracts and tempers",
      day: "you are hardest on yourself and on those closest to you, so go gently",
      hour: "a plan has to start over; be patient with the young and with yourself",
    },
  },
  repeat: {
    verb: "is the same as that of",
    brings: {
      year: "your origins make themselves felt again, for better and for worse",
      month: "the themes of your working life are doubled",
      day: "it is like a mirror, and your habits show plainly",
      hour: "something meant for later arrives early",
    },
  },
};

/** Predicates for an element in a decade or a year. */
const effects: Record<Effect, string> = {
  supports: "supports the day master",
  relieves: "gives the day master’s strength an outlet",
  thin: "adds to the thinnest element of the chart",
  warms: "warms a chart born in the cold",
  cools: "cools a chart born in the heat",
  draws: "drains a day master with little to spare",
  feeds: "adds to what is already plentiful",
  leads: "adds to what already leads",
  neutral: "does not change the balance",
};

const gathering: Record<Direction, string> = {
  lifts: "which this chart can use",
  weighs: "which this chart does not need",
  leaves: "which hardly affects this chart",
};

const ordinals = [
  "first",
  "second",
  "third",
  "fourth",
  "fifth",
  "sixth",
  "seventh",
  "eighth",
  "ninth",
  "tenth",
];

/** The stem, then the branch. One combined clause if both have the same direction. */
function inTwoHalves(
  { stem, stemEffect, branch, branchEffect }: PeriodEffect,
  { first, second }: { first: string; second: string },
): string {
  if (stem === branch) {
    return `Stem and branch are both ${stem}, which ${effects[stemEffect]}: ${verdict[directionOf(stemEffect)]}.`;
  }
  if (stemEffect === branchEffect && stemEffect === "neutral") {
    return `Neither its stem, ${stem}, nor its branch, ${branch}, changes the balance: ${verdict.leaves}.`;
  }
  if (directionOf(stemEffect) === directionOf(branchEffect)) {
    const joined =
      stemEffect === branchEffect
        ? `${stem} above and ${branch} below: each ${effects[stemEffect]}`
        : `${stem} above ${effects[stemEffect]}, and ${branch} below ${effects[branchEffect]}`;
    return `${capital(joined)}; ${verdict[directionOf(stemEffect)]}.`;
  }
  return `${first}, ${stem}, ${effects[stemEffect]}; ${second}, ${branch}, ${effects[branchEffect]}.`;
}

const verdict: Record<Direction, string> = {
  lifts: "a favourable period, and a good one for starting things",
  weighs: "a period for fewer commitments and a slower pace",
  leaves: "a period that is what you make of it",
};

function pillarsText(positions: readonly string[]): string {
  return `the ${list(positions.map((position) => position.toLowerCase()))} pillar${positions.length > 1 ? "s" : ""}`;
}
