import { type Element, pick } from "./elements";
import { type FourPillars, PILLAR_POSITIONS, type PillarPosition } from "./pillars";
import { BRANCHES, type Branch, STEMS, type Stem, type StemBranch } from "./stems-and-branches";

const INTERACTION_KINDS = [
  "stem-combination",
  "six-combination",
  "three-harmony",
  "three-meeting",
  "half-harmony",
  "clash",
  "harm",
  "punishment",
] as const;
/** The interactions between two branches, gravest first. */
export const PAIR_KINDS = ["clash", "punishment", "harm", "six-combination"] as const;
export type PairKind = (typeof PAIR_KINDS)[number];
export type InteractionKind = (typeof INTERACTION_KINDS)[number];
export type Interaction = {
  kind: InteractionKind;
  positions: PillarPosition[];
  element: Element | null;
};
export type PlacedPillar = StemBranch & { position: PillarPosition };
type Trio = { branches: readonly Branch[]; element: Element };

/** 三合: the birth, peak and tomb branches of an element, in this order. */
export const HARMONIES: readonly Trio[] = [
  { branches: ["shen", "zi", "chen"], element: "water" },
  { branches: ["hai", "mao", "wei"], element: "wood" },
  { branches: ["yin", "wu", "xu"], element: "fire" },
  { branches: ["si", "you", "chou"], element: "metal" },
];
/** 三会: the three branches of a season. */
export const MEETINGS: readonly Trio[] = [
  { branches: ["yin", "mao", "chen"], element: "wood" },
  { branches: ["si", "wu", "wei"], element: "fire" },
  { branches: ["shen", "you", "xu"], element: "metal" },
  { branches: ["hai", "zi", "chou"], element: "water" },
];
const PUNISHMENT_RINGS: readonly (readonly Branch[])[] = [
  ["yin", "si", "shen"],
  ["chou", "xu", "wei"],
];
const SELF_PUNISHING: readonly Branch[] = ["chen", "wu", "you", "hai"];

/**
 * The interactions between the pillars of a chart: first pairs, in the order year, month, day, hour;
 * then trios. A half harmony is left out if the chart contains the whole.
 */
export function interactionsOf(pillars: FourPillars): Interaction[] {
  const known = knownPillars(pillars);
  const harmonies = trios(known, HARMONIES, "three-harmony");
  const pairs = known.flatMap((one, index) =>
    known.slice(index + 1).flatMap((other) => pairInteractions(one, other)),
  );
  const withoutHalves = pairs.filter(
    ({ kind, element }) =>
      kind !== "half-harmony" || !harmonies.some((trio) => trio.element === element),
  );
  return [...withoutHalves, ...harmonies, ...trios(known, MEETINGS, "three-meeting")];
}

/** The known pillars with their positions, in the order year, month, day, hour. */
export function knownPillars(pillars: FourPillars): PlacedPillar[] {
  return PILLAR_POSITIONS.flatMap((position) => {
    const pillar = pillars[position];
    return pillar === null ? [] : [{ position, stem: pillar.stem, branch: pillar.branch }];
  });
}

/** The interactions between two branches. Also applies to the branch of a year or decade. */
export function branchMeetings(one: Branch, other: Branch): PairKind[] {
  const a = BRANCHES.indexOf(one);
  const b = BRANCHES.indexOf(other);
  const kinds: PairKind[] = [];
  // 子丑 寅亥 卯戌 辰酉 巳申 午未: the indexes add up to 1 modulo 12.
  if ((a + b) % 12 === 1) kinds.push("six-combination");
  if (Math.abs(a - b) === 6) kinds.push("clash");
  // 子未 丑午 寅巳 卯辰 申亥 酉戌: the indexes add up to 7 modulo 12.
  if ((a + b) % 12 === 7) kinds.push("harm");
  if (isPunishment(one, other)) kinds.push("punishment");
  return kinds;
}

/**
 * 半合: the element of two harmony branches, one of them the peak (子 午 卯 酉); otherwise null.
 * Birth and tomb without the peak (拱合) do not count.
 */
export function halfHarmony(one: Branch, other: Branch): Element | null {
  const trio = HARMONIES.find(
    ({ branches }) =>
      one !== other &&
      branches.includes(one) &&
      branches.includes(other) &&
      (branches[1] === one || branches[1] === other),
  );
  return trio?.element ?? null;
}

/** 甲己 earth, 乙庚 metal, 丙辛 water, 丁壬 wood, 戊癸 fire; otherwise null. */
export function stemCombination(one: Stem, other: Stem): Element | null {
  const a = STEMS.indexOf(one);
  const b = STEMS.indexOf(other);
  if (Math.abs(a - b) !== 5) return null;
  const products: readonly Element[] = ["earth", "metal", "water", "wood", "fire"];
  return pick(products, Math.min(a, b));
}

function pairInteractions(one: PlacedPillar, other: PlacedPillar): Interaction[] {
  const positions = [one.position, other.position];
  const combination = (kind: InteractionKind, element: Element | null): Interaction[] =>
    element === null ? [] : [{ kind, positions, element }];
  const branches = branchMeetings(one.branch, other.branch).map(
    (kind): Interaction => ({ kind, positions, element: null }),
  );
  return [
    ...combination("stem-combination", stemCombination(one.stem, other.stem)),
    ...branches,
    ...combination("half-harmony", halfHarmony(one.branch, other.branch)),
  ];
}

function isPunishment(one: Branch, other: Branch): boolean {
  if (one === other) return SELF_PUNISHING.includes(one);
  const pair = [one, other];
  if (pair.includes("zi") && pair.includes("mao")) return true;
  return PUNISHMENT_RINGS.some((ring) => ring.includes(one) && ring.includes(other));
}

function trios(
  known: readonly PlacedPillar[],
  table: readonly Trio[],
  kind: InteractionKind,
): Interaction[] {
  return table
    .filter(({ branches }) =>
      branches.every((branch) => known.some((each) => each.branch === branch)),
    )
    .map(({ branches, element }) => ({
      kind,
      positions: known
        .filter(({ branch }) => branches.includes(branch))
        .map(({ position }) => position),
      element,
    }));
}
