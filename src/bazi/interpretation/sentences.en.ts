import type { HelpReason, StrengthLevel } from "../strength";
import type { BranchMeeting, Sentences } from "./texts";

const reasons: Record<HelpReason, string> = {
  supports: "it carries the day master",
  relieves: "it gives the day master’s strength somewhere to go",
  thin: "it is the thinnest of the five",
  warms: "a chart born in winter wants warmth",
  cools: "a chart born in summer wants moisture",
};

const meetings: Record<BranchMeeting, string> = {
  "six-combination": "combines with",
  clash: "clashes with",
  harm: "stands in harm with",
  punishment: "stands in punishment with",
};

const meetingAdvice: Record<BranchMeeting, string> = {
  "six-combination": "something draws together there",
  clash:
    "something moves there, a place, a role or a habit, and moving it oneself is easier than being moved",
  harm: "small frictions gather there and are worth naming early",
  punishment: "an old pattern comes up again there and can be answered differently this time",
};

export const sentences: Sentences = {
  dayMaster: ({ stem, nature }) =>
    `The stem of the day, which stands for the person, is ${stem}, ${nature}.`,
  support: ({ percent, level }) =>
    `Of all the points in the chart ${percent}% are of the day master’s own element or of the one that produces it, which makes it ${level} (two elements of five would be 40%).`,
  roots: ({ count, main, of }) => {
    if (count === 0)
      return "It has no root: none of the branches hides a stem of its element, so its strength is borrowed.";
    const where = count === of ? `all ${of} branches` : `${count} of the ${of} branches`;
    const depth =
      main === 0 ? "though in none as the main one" : `in ${main} of them as the main one`;
    return `It is rooted in ${where}, ${depth}.`;
  },
  shares: (facts) =>
    `The points fall as follows: ${list(facts.map(({ element, percent }) => `${element} ${percent}%`))}.`,
  missing: (elements) =>
    `${capital(list(elements))} ${elements.length > 1 ? "do" : "does"} not occur at all, neither shown nor hidden. A missing element is not a missing ability: it is one that has to be learned, borrowed from others or waited for, as years and luck pillars bring it.`,
  helpful: (facts) =>
    `What would help is ${list(facts.map(({ element, reason }) => `${element} (${reasons[reason]})`))}.`,
  everyday: (facts) =>
    `In daily terms, ${facts.map(({ element, phrase }) => `${element} is ${phrase}`).join("; ")}.`,
  even: () =>
    "No element leads by much: the chart is even, and the season and the luck pillars decide what comes to the fore.",
  leadingRelation: ({ relation, percent }) =>
    `Besides the day master itself, ${percent}% of the chart is ${relation}, more than anything else.`,
  monthGod: ({ god }) => `The month branch, the seat of work, holds ${god}.`,
  wealth: ({ percent, level }) => wealth(percent, level),
  partnerSeat: ({ branch, god }) =>
    `The day branch, the seat of the partner, is ${branch}; its main stem is ${god}.`,
  partnerStar: ({ star, gender }) =>
    `The tradition, which knew marriage in its old form only, also looks for a partner’s star: for a ${gender === "male" ? "man" : "woman"} that is ${star}.`,
  luckNow: ({ pillar, from, until, age, god }) =>
    `The pillar ${pillar} has run since ${from} (age ${age}) and lasts until ${until}. Its stem is ${god}.`,
  luckNext: ({ pillar, from, god }) =>
    `The next pillar, ${pillar}, begins in ${from}. Its stem is ${god}.`,
  beforeLuck: ({ from }) =>
    `The first luck pillar begins in ${from}. Until then the month pillar and the family stand in for it.`,
  afterLuck: () => "The ten pillars of this chart, a hundred years, have run their course.",
  notBornYet: () =>
    "The birth lies ahead of the date of this reading, so there is no present to read yet.",
  year: ({ year, pillar, from, until, god }) =>
    `The BaZi year ${year}, ${pillar}, runs from ${from} to ${until}. Its stem is ${god} to this chart.`,
  helpfulPeriod: ({ element, helpful }) =>
    helpful
      ? `Its stem is ${element}, one of the elements that would help this chart, so what it brings is the easier to use.`
      : `Its stem is ${element}, which is not among the elements that would help most: what it brings wants measure rather than zeal.`,
  branchMeeting: ({ kind, positions, day }) => {
    const pillars = `the ${list(positions).toLowerCase()} pillar${positions.length > 1 ? "s" : ""}`;
    const seat = day ? " (the day pillar is the seat of home and partnership)" : "";
    return `Its branch ${meetings[kind]} ${pillars}${seat}: ${meetingAdvice[kind]}.`;
  },
  quietPeriod: () =>
    "Its branch meets none of the chart’s in clash, harm or combination: few interruptions from that side.",
  limits: ({ timeKnown, trueSolar, rootless }) => [
    "This text is put together from the chart by fixed rules: the same birth always gives the same words. It describes tendencies that a tradition of some thousand years associates with such charts; it has not been shown to predict anything, and two people with one chart live two lives. Take what helps you think and leave the rest.",
    [
      trueSolar
        ? "Day and hour pillars are read from true solar time; charts made by the clock can differ near the change of an hour."
        : "Day and hour pillars are read from standard time; charts made by true solar time can differ near the change of an hour.",
      timeKnown
        ? ""
        : "Without a time of birth a quarter of the chart is missing; strength, balance and the start of the luck pillars are accordingly rough.",
      rootless
        ? "A day master without root is where schools differ most; read its strength with reserve."
        : "",
    ]
      .filter(Boolean)
      .join(" "),
  ],
};

function wealth(percent: number, level: StrengthLevel): string {
  const weak = level === "weak" || level === "very-weak";
  if (percent === 0)
    return "Wealth, the star of money and of practical results, does not appear. Income then comes by way of skill, office or knowledge rather than by pursuing money itself.";
  if (percent < 10)
    return `Wealth makes up only ${percent}% of the rest: money is a by-product here rather than a theme, and it comes more easily through the other strengths of the chart.`;
  if (percent >= 25 && weak)
    return `Wealth makes up ${percent}% of the rest and the day master is not strong: the classics call this a rich house with a slight host (财多身弱). Much passes by; holding it takes partners, a system and the habit of choosing.`;
  if (percent >= 25)
    return `Wealth makes up ${percent}% of the rest and the day master can carry it: managing money and people is a strength worth using.`;
  return weak
    ? `Wealth makes up ${percent}% of the rest, a measured share; for a day master that is not strong, steady income serves better than large ventures.`
    : `Wealth makes up ${percent}% of the rest, a measured share: money follows from the work and need not be chased.`;
}

function list(items: readonly string[]): string {
  return new Intl.ListFormat("en", { type: "conjunction" }).format(items);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
