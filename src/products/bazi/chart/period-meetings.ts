import type { Element } from "./elements";
import {
  branchMeetings,
  HARMONIES,
  halfHarmony,
  knownPillars,
  MEETINGS,
  PAIR_KINDS,
  type PairKind,
  type PlacedPillar,
  stemCombination,
} from "./interactions";
import type { FourPillars, PillarPosition } from "./pillars";
import type { Branch, StemBranch } from "./stems-and-branches";

type Pairing = { kind: PairKind | "repeat"; positions: PillarPosition[] };
type Combination<Kind> = { kind: Kind; positions: PillarPosition[]; element: Element };
type Trio = {
  kind: "three-harmony" | "three-meeting";
  branches: readonly Branch[];
  /** The pillars of the chart that take part. The decade supplies a missing branch. */
  positions: PillarPosition[];
  withDecade: boolean;
  element: Element;
};
export type PeriodMeeting =
  | Pairing
  | Combination<"half-harmony">
  | Combination<"stem-combination">
  | Trio;

/**
 * The interactions of a period (a decade or a year) with the pillars of a chart: trios that it
 * completes, for a year also with the branch of its decade; pairs of branches; half harmonies; stem
 * combinations; and a repeated branch. Empty if there are none. Each pillar appears in one pair only,
 * the gravest (寅 both harms and punishes 巳).
 */
export function periodMeetings(
  pillars: FourPillars,
  { period, decade }: { period: StemBranch; decade: StemBranch | null },
): PeriodMeeting[] {
  const known = knownPillars(pillars);
  const trios = completedTrios(known, { own: period.branch, decade: decade?.branch ?? null });
  const harmonies = trios.filter(({ kind }) => kind === "three-harmony");
  return [
    ...trios,
    ...PAIR_KINDS.flatMap((kind) =>
      pairing(
        kind,
        known.filter(({ branch }) => gravestKind(branch, period.branch) === kind),
      ),
    ),
    ...combination("half-harmony", known, ({ branch }) => {
      const element = halfHarmony(branch, period.branch);
      return harmonies.some((trio) => trio.element === element) ? null : element;
    }),
    ...combination("stem-combination", known, ({ stem }) => stemCombination(stem, period.stem)),
    ...pairing(
      "repeat",
      known.filter(
        ({ branch }) =>
          branch === period.branch && gravestKind(branch, period.branch) === undefined,
      ),
    ),
  ];
}

function completedTrios(
  known: readonly PlacedPillar[],
  { own, decade }: { own: Branch; decade: Branch | null },
): Trio[] {
  const tables = [
    ...HARMONIES.map((trio) => ({ kind: "three-harmony" as const, ...trio })),
    ...MEETINGS.map((trio) => ({ kind: "three-meeting" as const, ...trio })),
  ];
  return tables.flatMap((trio) => {
    if (!trio.branches.includes(own)) return [];
    const others = trio.branches.filter((branch) => branch !== own);
    const missing = others.filter((branch) => !known.some((each) => each.branch === branch));
    const isComplete = missing.length === 0 || (missing.length === 1 && missing[0] === decade);
    if (!isComplete) return [];
    const positions = known
      .filter(({ branch }) => others.includes(branch))
      .map(({ position }) => position);
    return [{ ...trio, positions, withDecade: missing.length > 0 }];
  });
}

function gravestKind(one: Branch, other: Branch) {
  const kinds = branchMeetings(one, other);
  return PAIR_KINDS.find((kind) => kinds.includes(kind));
}

function pairing(kind: Pairing["kind"], met: readonly PlacedPillar[]): Pairing[] {
  return met.length === 0 ? [] : [{ kind, positions: met.map(({ position }) => position) }];
}

/** Lists the pillars that combine with the period. They all combine into the same element. */
function combination<Kind extends "half-harmony" | "stem-combination">(
  kind: Kind,
  known: readonly PlacedPillar[],
  elementOf: (pillar: PlacedPillar) => Element | null,
): Combination<Kind>[] {
  const met = known.filter((pillar) => elementOf(pillar) !== null);
  const [first] = met;
  const element = first === undefined ? null : elementOf(first);
  return element === null
    ? []
    : [{ kind, element, positions: met.map(({ position }) => position) }];
}
