import type { HelpReason, StrengthLevel } from "../../chart/strength";
import type { Sentences } from "../language-texts";
import { capital, list } from "./grammar";
import { periodSentences } from "./period-sentences";

const reasons: Record<HelpReason, string> = {
  supports: "it supports the day master",
  relieves: "it gives the day master’s strength an outlet",
  thin: "it is the thinnest of the five",
  warms: "a chart born in winter needs warmth",
  cools: "a chart born in summer needs cooling",
};

export const sentences: Sentences = {
  dayMaster: ({ stem, nature }) => `The day stem represents you: ${stem}, ${nature}.`,
  summaryDayMaster: ({ stem, nature, level }) => `${stem}, ${nature}, ${level}.`,
  summaryStructure: ({ name, character }) => `${name}. ${character}`,
  summaryYear: ({ named, advice }) => `${named}. ${advice}`,
  support: ({ percent, level }) =>
    `${percent}% of the chart is the day master’s own element or the one that produces it, which makes it ${level} (an even share for two of the five elements is 40%).`,
  roots: ({ count, main, of }) => {
    if (count === 0)
      return "It has no root: no branch hides a stem of its element, so its strength is borrowed.";
    const where = count === of ? `all ${of} branches` : `${count} of the ${of} branches`;
    const depth =
      main === 0 ? "though in none as the main one" : `in ${main} of them as the main one`;
    return `It is rooted in ${where}, ${depth}.`;
  },
  shares: (facts) =>
    `The elements are distributed as follows: ${list(facts.map(({ element, percent }) => `${element} ${percent}%`))}.`,
  missing: (elements) =>
    `${capital(list(elements))} ${elements.length > 1 ? "do" : "does"} not occur at all, neither visible nor hidden. A missing element is not a missing ability. It has to be learned or borrowed from others, or it comes with certain years and luck pillars.`,
  helpful: (facts) =>
    `The chart benefits from ${list(facts.map(({ element, reason }) => `${element} (${reasons[reason]})`))}.`,
  everyday: (facts) =>
    `In everyday life, ${facts.map(({ element, phrase }) => `${element} means ${phrase}`).join("; ")}.`,
  even: () =>
    "No element leads by much. The chart is even, and the season and the luck pillars decide what comes to the fore.",
  leadingRelation: ({ relation, percent }) =>
    `Apart from the day master, ${relation} has the largest share of the chart, ${percent}%.`,
  monthGod: ({ god }) => `The month branch, the palace of work, holds ${god}.`,
  wealth: ({ percent, level }) => wealth(percent, level),
  partnerSeat: ({ branch, god }) =>
    `The day branch, the palace of the partner, is ${branch}; its main stem is ${god}.`,
  partnerStar: ({ star, gender }) =>
    `The tradition, which knew only the marriage of its time, also looks for a partner star: for a ${gender === "male" ? "man" : "woman"}, ${star}.`,
  structure: ({ name, stem, element, visibleIn }) =>
    visibleIn === null
      ? `The structure is ${name}, after the main stem of the month, ${stem} (${element}). No visible stem repeats it, so the theme works beneath the surface.`
      : `The structure is ${name}: the month’s ${stem} (${element}) appears in the ${visibleIn.toLowerCase()} stem, so the theme is visible.`,
  helpedBy: (shown) => `${capital(godsAt(shown))} ${shown.length > 1 ? "support" : "supports"} it.`,
  disturbedBy: (shown) =>
    `${capital(godsAt(shown))} ${shown.length > 1 ? "work" : "works"} against it.`,
  palaceLead: ({ position, pillar, palace }) => `${position} pillar ${pillar}: ${palace}`,
  palaceGod: ({ god, phrase }) => `Its stem is ${god}: ${phrase}.`,
  stage: ({ stage, phrase }) =>
    `In its branch the day master is in the stage of ${stage}: ${phrase}.`,
  image: ({ name, phrase }) => `Its image is ${name}: ${phrase}.`,
  noHour: () =>
    "The hour pillar, the palace of later life and children, is empty because the birth time is unknown.",
  noMeetings: () =>
    "The four pillars do not interact: no stems combine, and no branches combine, clash, harm or punish each other. The parts of your life do not disturb one another, and change comes with years and decades.",
  meetingLead: ({ kind, positions, signs }) =>
    `${kind}: ${list(positions.map((position, place) => `${position.toLowerCase()} ${signs[place] ?? ""}`))}`,
  meetingBetween: ({ between, phrase }) => `${capital(list(between))} ${phrase}.`,
  combination: ({ withDayMaster, bond }) =>
    `${withDayMaster ? "One of the two is the day master itself, so you are drawn to the other and not entirely free where the two meet. " : ""}${combinationBond[bond]}`,
  gathers: ({ element, effect }) => `The bond tends towards ${element}: ${effect}.`,
  ...periodSentences,
  limits: ({ timeKnown, trueSolar, rootless }) => [
    "This text is composed from the chart by fixed rules: the same birth data always gives the same text. It describes tendencies that a tradition of about a thousand years associates with such charts. Nothing shows that they predict the future, and two people with the same chart live different lives. Take what helps you think and leave the rest.",
    [
      trueSolar
        ? "The day and hour pillars use true solar time; a chart based on clock time can differ close to the boundary between two Chinese hours."
        : "The day and hour pillars use standard time; a chart based on true solar time can differ close to the boundary between two Chinese hours.",
      timeKnown
        ? ""
        : "Without a birth time, a quarter of the chart is missing, so strength, balance and the start of the luck pillars are only approximate.",
      rootless
        ? "Schools differ most about a day master without a root, so take its strength with a grain of salt."
        : "",
    ]
      .filter(Boolean)
      .join(" "),
  ],
};

function wealth(percent: number, level: StrengthLevel): string {
  const weak = level === "weak" || level === "very-weak";
  if (percent === 0)
    return "Wealth, the star of money and practical results, does not appear. Income then comes through skill, position or knowledge rather than from pursuing money itself.";
  if (percent < 10)
    return `Wealth makes up only ${percent}% of the rest of the chart: money is a by-product rather than a theme, and it comes more easily through the chart’s other strengths.`;
  if (percent >= 25 && weak)
    return `Wealth makes up ${percent}% of the rest of the chart and the day master is not strong: the classics call this much wealth and a weak self (财多身弱). A lot of money passes through your hands; keeping it takes partners, a system and the habit of choosing.`;
  if (percent >= 25)
    return `Wealth makes up ${percent}% of the rest of the chart and the day master can handle it: managing money and people is a strength worth using.`;
  return weak
    ? `Wealth makes up ${percent}% of the rest of the chart, a moderate share. For a day master that is not strong, a steady income is better than large ventures.`
    : `Wealth makes up ${percent}% of the rest of the chart, a moderate share: money follows the work, and you need not chase it.`;
}

const combinationBond = {
  turns:
    "They are adjacent, in a month of the element that they form, so by the classical rule they transform into it.",
  near: "They are adjacent, but the season is not that of the element that they form, so they are bound without transforming.",
  far: "They are not adjacent, so the bond is only a tendency.",
} as const;

function godsAt(shown: readonly { god: string; position: string }[]): string {
  return list(shown.map(({ god, position }) => `${god} in the ${position.toLowerCase()} stem`));
}
