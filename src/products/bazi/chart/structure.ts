import type { Chart, Pillar, PillarPosition } from "./chart";
import { polarityOfStem, type Stem } from "./stems-and-branches";
import type { TenGod } from "./ten-gods";

/** 建禄, 阳刃, 月劫: the month belongs to the day master itself, so no other god gives the name. */
export const OWN_MONTH_STRUCTURES = ["established", "blade", "robbing"] as const;
export type StructureKind =
  | Exclude<TenGod, "friend" | "rob-wealth">
  | (typeof OWN_MONTH_STRUCTURES)[number];

export type ShownGod = { god: TenGod; position: PillarPosition };
export type Structure = {
  kind: StructureKind;
  /** The hidden stem of the month that gives the name. */
  stem: Stem;
  /** The pillar in which that stem shows; null when none does and the month's main stem decides. */
  shownIn: PillarPosition | null;
  /** Gods among the stems that show which carry the structure (相神), and which disturb it (忌神). */
  helpers: ShownGod[];
  disturbers: ShownGod[];
};

/** 辰 戌 丑 未, the stores, are named by what shows of them before their own earth is. */
const STORES: readonly string[] = ["chen", "xu", "chou", "wei"];

/** 《子平真诠》: what serves each structure and what breaks it, among the gods that show. */
const MATES: Readonly<
  Record<StructureKind, { helpers: readonly TenGod[]; disturbers: readonly TenGod[] }>
> = {
  "direct-officer": {
    helpers: ["direct-wealth", "indirect-wealth", "direct-resource"],
    disturbers: ["hurting-officer"],
  },
  "seven-killings": {
    helpers: ["eating-god", "direct-resource", "indirect-resource"],
    disturbers: ["direct-wealth", "indirect-wealth"],
  },
  "direct-resource": {
    helpers: ["direct-officer", "seven-killings"],
    disturbers: ["direct-wealth", "indirect-wealth"],
  },
  "indirect-resource": {
    helpers: ["direct-wealth", "indirect-wealth"],
    disturbers: ["eating-god"],
  },
  "eating-god": {
    helpers: ["direct-wealth", "indirect-wealth"],
    disturbers: ["indirect-resource"],
  },
  "hurting-officer": {
    helpers: ["direct-wealth", "indirect-wealth", "direct-resource"],
    disturbers: ["direct-officer"],
  },
  "direct-wealth": {
    helpers: ["eating-god", "direct-officer"],
    disturbers: ["rob-wealth", "friend"],
  },
  "indirect-wealth": {
    helpers: ["eating-god", "direct-officer"],
    disturbers: ["rob-wealth", "friend"],
  },
  established: {
    helpers: ["direct-officer", "eating-god", "hurting-officer"],
    disturbers: ["rob-wealth", "friend"],
  },
  blade: {
    helpers: ["seven-killings", "direct-officer"],
    disturbers: ["rob-wealth", "friend"],
  },
  robbing: {
    helpers: ["direct-officer", "eating-god", "hurting-officer"],
    disturbers: ["rob-wealth", "friend"],
  },
};

/**
 * The structure of a chart (格局), from the month branch. Its main stem names it when it shows among
 * the stems of year, month or hour; else the first of its other stems that shows; else the main stem
 * all the same. A month whose main stem is the day master's own element is 建禄, 阳刃 (yang day
 * masters) or 月劫 (yin); in a store month (辰戌丑未) another stem that shows comes before that.
 */
export function structureOf({ pillars }: Pick<Chart, "pillars">): Structure {
  const shown = shownPillars(pillars);
  const named = nameOf(pillars, shown);
  const { helpers, disturbers } = MATES[named.kind];
  const others = shown.flatMap(({ position, pillar }) =>
    pillar.tenGod === null || position === named.shownIn ? [] : [{ god: pillar.tenGod, position }],
  );
  return {
    ...named,
    helpers: others.filter(({ god }) => helpers.includes(god)),
    disturbers: others.filter(({ god }) => disturbers.includes(god)),
  };
}

type Shown = { position: PillarPosition; pillar: Pillar };

/** The day's stem is the day master and names nothing; the month's own stem is asked first. */
function shownPillars(pillars: Chart["pillars"]): Shown[] {
  return (["month", "year", "hour"] as const).flatMap((position) => {
    const pillar = pillars[position];
    return pillar === null ? [] : [{ position, pillar }];
  });
}

function nameOf(pillars: Chart["pillars"], shown: readonly Shown[]) {
  const { month, day } = pillars;
  const [main] = month.hidden;
  if (main === undefined) throw new RangeError(`The branch ${month.branch} hides no stem.`);
  const placeOf = (stem: Stem) =>
    shown.find(({ pillar }) => pillar.stem === stem)?.position ?? null;
  const isOwnMonth = isCompanion(main.tenGod);
  if (!isOwnMonth || STORES.includes(month.branch)) {
    for (const { stem, tenGod } of month.hidden) {
      const shownIn = placeOf(stem);
      if (shownIn !== null && !isCompanion(tenGod)) return { kind: tenGod, stem, shownIn };
    }
  }
  const kind = isCompanion(main.tenGod) ? ownMonth(main.tenGod, day.stem) : main.tenGod;
  return { kind, stem: main.stem, shownIn: placeOf(main.stem) };
}

function ownMonth(god: "friend" | "rob-wealth", dayMaster: Stem): StructureKind {
  if (god === "friend") return "established";
  return polarityOfStem(dayMaster) === "yang" ? "blade" : "robbing";
}

function isCompanion(god: TenGod): god is "friend" | "rob-wealth" {
  return god === "friend" || god === "rob-wealth";
}
