import type { Element } from "./elements";
import {
  branchMeetings,
  type FourPillars,
  HARMONIES,
  halfHarmony,
  MEETINGS,
  type Placed,
  type Position,
  placedOf,
  stemCombination,
} from "./interactions";
import type { Branch, StemBranch } from "./stems-and-branches";

/** Gravest first: the order in which they are told, and which of two a pillar is told by. */
const PAIR_KINDS = ["clash", "punishment", "harm", "six-combination"] as const;

type Pairing = { kind: (typeof PAIR_KINDS)[number] | "repeat"; positions: Position[] };
type Towards<Kind> = { kind: Kind; positions: Position[]; element: Element };
export type PeriodMeeting =
  | Pairing
  | Towards<"half-harmony">
  | Towards<"stem-combination">
  | {
      kind: "three-harmony" | "three-meeting";
      branches: readonly Branch[];
      /** The pillars of the chart that take part; empty places are filled by the decade. */
      positions: Position[];
      withDecade: boolean;
      element: Element;
    };

/**
 * How a passing period (a decade, a year) meets the pillars of a chart: trios that it completes with
 * them, for a year also with the branch of the decade it falls in; pairs of branches; halves of a
 * harmony; combinations of stems; a branch that comes again. Empty if and only if there is none of
 * all this. A pillar is told by one pair, the gravest (寅 both harms and punishes 巳).
 */
export function periodMeetings(
  pillars: FourPillars,
  period: StemBranch,
  decade: StemBranch | null,
): PeriodMeeting[] {
  const placed = placedOf(pillars);
  const trios = triosCompleted(placed, period.branch, decade?.branch ?? null);
  const harmonies = trios.filter(({ kind }) => kind === "three-harmony");
  return [
    ...trios,
    ...PAIR_KINDS.flatMap((kind) =>
      meeting(
        kind,
        placed.filter(({ branch }) => gravest(branch, period.branch) === kind),
      ),
    ),
    ...meetingTowards("half-harmony", placed, ({ branch }) => {
      const element = halfHarmony(branch, period.branch);
      return harmonies.some((trio) => trio.element === element) ? null : element;
    }),
    ...meetingTowards("stem-combination", placed, ({ stem }) => stemCombination(stem, period.stem)),
    ...meeting(
      "repeat",
      placed.filter(
        ({ branch }) => branch === period.branch && gravest(branch, period.branch) === undefined,
      ),
    ),
  ];
}

function triosCompleted(placed: readonly Placed[], own: Branch, decade: Branch | null) {
  const tables = [
    ...HARMONIES.map((trio) => ({ kind: "three-harmony" as const, ...trio })),
    ...MEETINGS.map((trio) => ({ kind: "three-meeting" as const, ...trio })),
  ];
  return tables.flatMap((trio) => {
    if (!trio.branches.includes(own)) return [];
    const others = trio.branches.filter((branch) => branch !== own);
    const missing = others.filter((branch) => !placed.some((each) => each.branch === branch));
    const isWhole = missing.length === 0 || (missing.length === 1 && missing[0] === decade);
    if (!isWhole) return [];
    const positions = placed
      .filter(({ branch }) => others.includes(branch))
      .map(({ position }) => position);
    return [{ ...trio, positions, withDecade: missing.length > 0 }];
  });
}

function gravest(own: Branch, passing: Branch) {
  const kinds = branchMeetings(own, passing);
  return PAIR_KINDS.find((kind) => kinds.includes(kind));
}

function meeting(kind: Pairing["kind"], met: readonly Placed[]): Pairing[] {
  return met.length === 0 ? [] : [{ kind, positions: met.map(({ position }) => position) }];
}

/** Those pillars that the period draws towards an element; all of them towards the same one. */
function meetingTowards<Kind extends "half-harmony" | "stem-combination">(
  kind: Kind,
  placed: readonly Placed[],
  elementOf: (pillar: Placed) => Element | null,
): Towards<Kind>[] {
  const met = placed.filter((pillar) => elementOf(pillar) !== null);
  const [first] = met;
  const element = first === undefined ? null : elementOf(first);
  return element === null
    ? []
    : [{ kind, element, positions: met.map(({ position }) => position) }];
}
