import type { Element, Relation } from "../elements";
import type { InteractionKind } from "../interactions";
import type { Stem } from "../stems-and-branches";
import type { HelpReason, SeasonPhase, StrengthLevel } from "../strength";
import type { TenGod } from "../ten-gods";

export const SECTION_KEYS = [
  "day-master",
  "balance",
  "work",
  "relationships",
  "rhythm",
  "luck",
  "year",
  "limits",
] as const;
export type SectionKey = (typeof SECTION_KEYS)[number];

export type Season = "spring" | "summer" | "autumn" | "winter";
export type BranchMeeting = Extract<
  InteractionKind,
  "six-combination" | "clash" | "harm" | "punishment"
>;

/** What a ten god says in four places: at work, in the partner's seat, over a decade, over a year. */
export type TenGodTexts = { work: string; partner: string; decade: string; year: string };

/** What an element says when it is heavy, when it is thin, how to lean on it, and about rhythm. */
export type ElementTexts = {
  heavy: string;
  thin: string;
  help: string;
  rhythmHeavy: string;
  rhythmThin: string;
};

/** The prose that depends on one key of the chart. */
export type KeyedTexts = {
  titles: Record<SectionKey, string>;
  stems: Record<Stem, string>;
  levels: Record<StrengthLevel, string>;
  phases: Record<SeasonPhase, string>;
  elements: Record<Element, ElementTexts>;
  seasons: Record<Season, string>;
  relations: Record<Relation, string>;
  tenGods: Record<TenGod, TenGodTexts>;
  palace: Record<BranchMeeting, string> & { quiet: string };
  partnerStar: { none: string; some: string; many: string };
};

/** The prose that weaves figures and names of the chart into a sentence. */
export type Sentences = {
  dayMaster(facts: { stem: string; nature: string }): string;
  support(facts: { percent: number; level: string }): string;
  roots(facts: { count: number; main: number; of: number }): string;
  shares(facts: { element: string; percent: number }[]): string;
  missing(elements: string[]): string;
  helpful(facts: { element: string; reason: HelpReason }[]): string;
  everyday(facts: { element: string; phrase: string }[]): string;
  even(): string;
  leadingRelation(facts: { relation: string; percent: number }): string;
  monthGod(facts: { god: string }): string;
  wealth(facts: { percent: number; level: StrengthLevel }): string;
  partnerSeat(facts: { branch: string; god: string }): string;
  partnerStar(facts: { star: string; gender: "male" | "female" }): string;
  luckNow(facts: { pillar: string; from: string; until: string; age: number; god: string }): string;
  luckNext(facts: { pillar: string; from: string; god: string }): string;
  beforeLuck(facts: { from: string }): string;
  afterLuck(): string;
  notBornYet(): string;
  year(facts: { year: number; pillar: string; from: string; until: string; god: string }): string;
  helpfulPeriod(facts: { element: string; helpful: boolean }): string;
  branchMeeting(facts: { kind: BranchMeeting; positions: string[]; day: boolean }): string;
  quietPeriod(): string;
  limits(facts: { timeKnown: boolean; trueSolar: boolean; rootless: boolean }): string[];
};

export type InterpretationTexts = KeyedTexts & { sentences: Sentences };
