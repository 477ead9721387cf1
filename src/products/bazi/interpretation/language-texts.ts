import type { Element, Relation } from "../chart/elements";
import type { InteractionKind, PairKind } from "../chart/interactions";
import type { LifeStage } from "../chart/life-stages";
import type { PillarPosition } from "../chart/pillars";
import type { Stem } from "../chart/stems-and-branches";
import type { Direction, Effect, HelpReason, SeasonPhase, StrengthLevel } from "../chart/strength";
import type { StructureKind } from "../chart/structure";
import type { TenGod } from "../chart/ten-gods";

export const SECTION_KEYS = [
  "day-master",
  "structure",
  "balance",
  "pillars",
  "meetings",
  "work",
  "relationships",
  "rhythm",
  "luck",
  "years",
  "limits",
] as const;
export type SectionKey = (typeof SECTION_KEYS)[number];

/** The lines above the sections: a chart in five sentences. */
export type SummaryKey = "dayMaster" | "structure" | "helpful" | "decade" | "year";

export type Season = "spring" | "summer" | "autumn" | "winter";

/** A ten god at work, in the partner's seat, in a decade and in a year. */
export type TenGodTexts = {
  work: string;
  partner: string;
  /** What its decade brings, with advice for an element that lifts or weighs on the chart. */
  decade: { brings: string; lifts: string; weighs: string };
  year: string;
};

/** A ten god as the stem of a palace. The day stem is the person and has no text. */
export type PalaceGodTexts = Record<Exclude<PillarPosition, "day">, string>;

/** A structure, with a text for visible helpers, for visible disturbers, and for neither. */
export type StructureTexts = {
  name: string;
  character: string;
  helped: string;
  disturbed: string;
  alone: string;
};

/** An element when heavy and when thin, ways to strengthen it, and its effect on daily rhythm. */
export type ElementTexts = {
  heavy: string;
  thin: string;
  help: string;
  rhythmHeavy: string;
  rhythmThin: string;
};

/** Texts selected by one key of the chart. */
export type KeyedTexts = {
  titles: Record<SectionKey, string>;
  summary: Record<SummaryKey, string>;
  stems: Record<Stem, string>;
  levels: Record<StrengthLevel, string>;
  phases: Record<SeasonPhase, string>;
  elements: Record<Element, ElementTexts>;
  seasons: Record<Season, string>;
  relations: Record<Relation, string>;
  tenGods: Record<TenGod, TenGodTexts>;
  structures: Record<StructureKind, StructureTexts>;
  /** The meaning of each pillar, as part of a sentence. */
  palaces: Record<PillarPosition, string>;
  /** A shorter form of `palaces`, for several pillars in one sentence. */
  realms: Record<PillarPosition, string>;
  palaceGods: Record<TenGod, PalaceGodTexts>;
  /** The relation of the day branch to the day master. */
  seats: Record<Relation, string>;
  stages: Record<LifeStage, string>;
  /** Indexed by nayin. */
  nayin: readonly string[];
  meetings: Record<InteractionKind, string>;
  /** The effect of more of an element on the chart, as part of a sentence. */
  effects: Record<Effect, string>;
  seat: Record<PairKind, string> & { quiet: string };
  partnerStar: { none: string; some: string; many: string };
};

/** Sentences that contain figures and names of the chart. */
export type Sentences = PeriodSentences & {
  dayMaster(facts: { stem: string; nature: string }): string;
  summaryDayMaster(facts: { stem: string; nature: string; level: string }): string;
  summaryStructure(facts: { name: string; character: string }): string;
  summaryYear(facts: { named: string; advice: string }): string;
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
  structure(facts: {
    name: string;
    stem: string;
    element: string;
    visibleIn: string | null;
  }): string;
  helpedBy(shown: { god: string; position: string }[]): string;
  disturbedBy(shown: { god: string; position: string }[]): string;
  palaceLead(facts: { position: string; pillar: string; palace: string }): string;
  palaceGod(facts: { god: string; phrase: string }): string;
  stage(facts: { stage: string; phrase: string }): string;
  image(facts: { name: string; phrase: string }): string;
  noHour(): string;
  noMeetings(): string;
  meetingLead(facts: { kind: string; positions: string[]; signs: string[] }): string;
  meetingBetween(facts: { between: string[]; phrase: string }): string;
  combination(facts: { withDayMaster: boolean; bond: "turns" | "near" | "far" }): string;
  gathers(facts: { element: string; effect: string }): string;
  limits(facts: { timeKnown: boolean; trueSolar: boolean; rootless: boolean }): string[];
};

/** Sentences about decades and years. */
export type PeriodSentences = {
  luckNow(facts: { pillar: string; until: string; ordinal: number }): string;
  beforeLuck(facts: { from: string }): string;
  afterLuck(): string;
  notBornYet(): string;
  decadeLead(facts: {
    fromAge: number;
    untilAge: number;
    from: string;
    until: string;
    pillar: string;
  }): string;
  decadeBrings(facts: { element: string; god: string; brings: string }): string;
  decadeEffect(facts: PeriodEffect): string;
  yearRuns(facts: { from: string; until: string }): string;
  yearLead(facts: { year: number; pillar: string; god: string }): string;
  yearEffect(facts: PeriodEffect): string;
  periodMeets(facts: {
    kind: PairKind | "repeat";
    met: { position: PillarPosition; name: string }[];
  }): string;
  periodHalf(facts: { positions: string[]; element: string; direction: Direction }): string;
  periodStems(facts: { positions: string[]; element: string; day: boolean }): string;
  periodTrio(facts: {
    kind: "three-harmony" | "three-meeting";
    signs: string;
    positions: string[];
    withDecade: boolean;
    element: string;
    direction: Direction;
  }): string;
  quietPeriod(): string;
};

/** The elements of a period's stem and branch, with their effects on the chart. */
export type PeriodEffect = {
  stem: string;
  stemEffect: Effect;
  branch: string;
  branchEffect: Effect;
};

export type InterpretationTexts = KeyedTexts & { sentences: Sentences };
