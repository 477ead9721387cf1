import type { HelpReason, StrengthLevel } from "../../chart/strength";
import type { Sentences } from "../language-texts";
import { capital, list } from "./grammar";
import { periodSentences } from "./period-sentences";

const reasons: Record<HelpReason, string> = {
  supports: "it carries the day master",
  relieves: "it gives the day master’s strength somewhere to go",
  thin: "it is the thinnest of the five",
  warms: "a chart born in winter wants warmth",
  cools: "a chart born in summer wants moisture",
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
  structure: ({ name, stem, element, visibleIn }) =>
    visibleIn === null
      ? `The month names the structure ${name}, after its main stem ${stem} (${element}), which no other stem repeats: the theme is there, but it works from underneath.`
      : `The month names the structure ${name}: its ${stem} (${element}) shows in the ${visibleIn.toLowerCase()} stem, so the theme is there for all to see.`,
  helpedBy: (shown) => `${capital(godsAt(shown))} ${shown.length > 1 ? "carry" : "carries"} it.`,
  disturbedBy: (shown) =>
    `${capital(godsAt(shown))} ${shown.length > 1 ? "work" : "works"} against it.`,
  palaceLead: ({ position, pillar, palace }) => `${position} pillar ${pillar}: ${palace}`,
  palaceGod: ({ god, phrase }) => `Its stem is ${god}: ${phrase}.`,
  stage: ({ stage, phrase }) =>
    `In its branch the day master stands in the stage of ${stage}: ${phrase}.`,
  image: ({ name, phrase }) => `The image of the pair is ${name}, ${phrase}.`,
  noHour: () =>
    "The hour pillar, the palace of later life and children, stays empty because the time of birth is unknown.",
  noMeetings: () =>
    "The four palaces leave one another alone: no stems combine and no branches bind, clash, harm or punish each other. Each part of life can be arranged by itself, and it is years and decades that bring movement.",
  meetingLead: ({ kind, positions, signs }) =>
    `${kind}: ${list(positions.map((position, place) => `${position.toLowerCase()} ${signs[place] ?? ""}`))}`,
  meetingBetween: ({ between, phrase }) => `${capital(list(between))} ${phrase}.`,
  combination: ({ withDayMaster, bond }) =>
    `${withDayMaster ? "One of the two is the day master itself, which therefore leans towards the other and is not quite free where the two meet. " : ""}${combinationBond[bond]}`,
  gathers: ({ element, effect }) => `The bond points to ${element}: ${effect}.`,
  ...periodSentences,
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

const combinationBond = {
  turns:
    "They are neighbours in a month of the element they make, so by the classical rule they turn into it.",
  near: "They are neighbours, but the season is not that of the element they make: bound, not transformed.",
  far: "They stand apart, so the bond is an inclination rather than a knot.",
} as const;

function godsAt(shown: readonly { god: string; position: string }[]): string {
  return list(shown.map(({ god, position }) => `${god} in the ${position.toLowerCase()} stem`));
}
