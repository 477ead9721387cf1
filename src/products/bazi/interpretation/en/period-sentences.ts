import type { PairKind } from "../../chart/interactions";
import type { PillarPosition } from "../../chart/pillars";
import { type Direction, directionOf, type Effect } from "../../chart/strength";
import type { PeriodEffect, PeriodSentences } from "../language-texts";
import { capital, list } from "./grammar";

export const periodSentences: PeriodSentences = {
  luckNow: ({ pillar, until, ordinal }) =>
    `The ${ordinals[ordinal - 1] ?? ""} of ten decades, ${pillar}, is running and lasts until ${until}.`,
  beforeLuck: ({ from }) =>
    `The first decade begins in ${from}. Until then the month pillar and the family stand in for it.`,
  afterLuck: () => "The ten decades of this chart, a hundred years, have run their course.",
  notBornYet: () => "The birth still lies ahead, so there is no present to read yet.",
  decadeLead: ({ fromAge, untilAge, from, until, pillar }) =>
    `Age ${fromAge} to ${untilAge} (${from} to ${until}): ${pillar}`,
  decadeBrings: ({ element, god, brings }) =>
    `${capital(element)} arrives as ${god} and brings ${brings}.`,
  decadeEffect: (facts) =>
    inTwoHalves(facts, {
      first: "The first five years stand under the stem",
      second: "the later five under the branch",
    }),
  yearRuns: ({ from, until }) =>
    `A BaZi year begins with the Start of Spring. The running one lasts from ${from} to ${until}, by Beijing’s calendar.`,
  yearLead: ({ year, pillar, god }) => `${year}: ${pillar}, ${god}`,
  yearEffect: (facts) =>
    inTwoHalves(facts, { first: "The stem sets the tone", second: "the branch works below it" }),
  periodMeets: ({ kind, met }) => {
    const { verb, brings } = periodMeetings[kind];
    const meanings = met.map(({ position }) => brings[position]).join("; ");
    return `Its branch ${verb} ${pillarsText(met.map(({ name }) => name))}: ${meanings}.`;
  },
  periodHalf: ({ positions, element, direction }) =>
    `With ${pillarsText(positions)} its branch makes half a harmony of ${element}, ${gathering[direction]}.`,
  periodStems: ({ positions, element, day }) =>
    `Its stem combines with the stem of ${pillarsText(positions)} (towards ${element}): ${
      day
        ? "the day master is courted, and commitments made now bind"
        : "what stands there is engaged elsewhere for the time being"
    }.`,
  periodTrio: ({ kind, signs, positions, withDecade, element, direction }) => {
    const partners = withDecade
      ? `${pillarsText(positions)} and the decade`
      : pillarsText(positions);
    const whole = kind === "three-harmony" ? "the harmony" : "the season";
    return `With ${partners} its branch completes ${whole} ${signs}: ${element} gathers more force than anything else in this period, ${gathering[direction]}.`;
  },
  quietPeriod: () =>
    "It meets nothing in the chart: no combination of stems, no combination, harmony, clash, harm or punishment of branches, so few interruptions from that side.",
};

const periodMeetings: Record<
  PairKind | "repeat",
  { verb: string; brings: Record<PillarPosition, string> }
> = {
  "six-combination": {
    verb: "combines with",
    brings: {
      year: "family ties draw closer, and an elder’s word weighs more",
      month: "work finds an ally, and plans once agreed are kept to",
      day: "closeness is sought and found; keep a room of one’s own in it",
      hour: "children, pupils or a late project draw near",
    },
  },
  clash: {
    verb: "clashes with",
    brings: {
      year: "the ground moves, by a removal, a departure from home or a change among the elders",
      month: "the work moves, and a change of post or direction is better made than suffered",
      day: "home moves; travel, a new address or honest talk serves a couple better than standing still",
      hour: "plans for later move, and so do children, subordinates or whatever was thought settled",
    },
  },
  harm: {
    verb: "stands in harm with",
    brings: {
      year: "small grievances in the family gather and are worth naming early",
      month: "friction comes at work from the side, through colleagues rather than tasks",
      day: "small sensitivities wear on a partnership, or on one’s own sleep, if nobody names them",
      hour: "minor worries about children or about what comes later take more room than they need",
    },
  },
  punishment: {
    verb: "stands in punishment with",
    brings: {
      year: "an old strain with one’s origins comes up again and can be answered differently this time",
      month: "the same trouble at work returns in new clothes; mind contracts and tempers",
      day: "one is hardest on oneself or on whoever is nearest, so go gently there",
      hour: "a plan is begun over again; patience with the young, and with oneself, is the lesson",
    },
  },
  repeat: {
    verb: "is the same as that of",
    brings: {
      year: "what one comes from is present again, for better and for worse",
      month: "the themes of one’s working life come double",
      day: "one meets oneself, and habits show plainly",
      hour: "what was meant for later asks for its share now",
    },
  },
};

/** Predicates for an element in a decade or a year. */
const effects: Record<Effect, string> = {
  supports: "carries the day master",
  relieves: "gives the day master’s strength an outlet",
  thin: "fills what is thinnest in the chart",
  warms: "warms a chart born in the cold",
  cools: "moistens a chart born in the heat",
  draws: "draws on a day master with little to spare",
  feeds: "feeds what is plentiful already",
  leads: "adds to what already leads",
  neutral: "leaves the balance as it is",
};

const gathering: Record<Direction, string> = {
  lifts: "which this chart can use",
  weighs: "of which this chart has no need",
  leaves: "which this chart takes calmly",
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
    return `Neither its stem, ${stem}, nor its branch, ${branch}, moves the balance: ${verdict.leaves}.`;
  }
  if (directionOf(stemEffect) === directionOf(branchEffect)) {
    const joined =
      stemEffect === branchEffect
        ? `${stem} above and ${branch} below: each ${effects[stemEffect]}`
        : `${stem} above ${effects[stemEffect]}, and ${branch} below ${effects[branchEffect]}`;
    return `${capital(joined)}; ${verdict[directionOf(stemEffect)]}.`;
  }
  return `${first}, ${stem}, which ${effects[stemEffect]}; ${second}, ${branch}, which ${effects[branchEffect]}.`;
}

const verdict: Record<Direction, string> = {
  lifts: "a period that carries, and a good one to begin things in",
  weighs: "a period to take with fewer commitments",
  leaves: "a period that is what one makes of it",
};

function pillarsText(positions: readonly string[]): string {
  return `the ${list(positions.map((position) => position.toLowerCase()))} pillar${positions.length > 1 ? "s" : ""}`;
}
