import type { Chart, Pillar } from "./chart";
import type { PillarPosition } from "./pillars";
import { polarityOfStem, type Stem } from "./stems-and-branches";
import type { TenGod } from "./ten-gods";

/** 建禄, 阳刃, 月劫: the month has the element of the day master. */
const OWN_MONTH_STRUCTURES = ["established", "blade", "robbing"] as const;
export type StructureKind =
  | Exclude<TenGod, "friend" | "rob-wealth">
  | (typeof OWN_MONTH_STRUCTURES)[number];

export type VisibleGod = { god: TenGod; position: PillarPosition };
export type Structure = {
  kind: StructureKind;
  /** The hidden stem of the month that names the structure. */
  stem: Stem;
  /** The pillar in which that stem is visible; null if it is visible in none. */
  visibleIn: PillarPosition | null;
  /** Visible gods that support the structure (相神), and that disturb it (忌神). */
  helpers: VisibleGod[];
  disturbers: VisibleGod[];
};

/** 辰 戌 丑 未, the store months: a visible hidden stem takes precedence over their earth. */
const STORES: readonly string[] = ["chen", "xu", "chou", "wei"];

/** The gods that support and that disturb each structure. Source: 《子平真诠》. */
const RELATED_GODS: Readonly<
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
 * The structure of a chart (格局), named after a stem hidden in the month branch: the main stem if it
 * is visible in year, month or hour; else the first other stem that is visible; else the main stem.
 *
 * If the main stem has the day master's element, the structure is 建禄, 阳刃 (yang day masters) or
 * 月劫 (yin day masters), unless another stem of a store month (辰戌丑未) is visible.
 */
export function structureOf({ pillars }: Pick<Chart, "pillars">): Structure {
  const visible = visibleStems(pillars);
  const named = nameOf(pillars, visible);
  const { helpers, disturbers } = RELATED_GODS[named.kind];
  const others = visible.flatMap(({ position, pillar }) =>
    pillar.tenGod === null || position === named.visibleIn
      ? []
      : [{ god: pillar.tenGod, position }],
  );
  return {
    ...named,
    helpers: others.filter(({ god }) => helpers.includes(god)),
    disturbers: others.filter(({ god }) => disturbers.includes(god)),
  };
}

type VisibleStem = { position: PillarPosition; pillar: Pillar };

/** In order of precedence. The day stem is the day master and names no structure. */
function visibleStems(pillars: Chart["pillars"]): VisibleStem[] {
  return (["month", "year", "hour"] as const).flatMap((position) => {
    const pillar = pillars[position];
    return pillar === null ? [] : [{ position, pillar }];
  });
}

function nameOf(pillars: Chart["pillars"], visible: readonly VisibleStem[]) {
  const { month, day } = pillars;
  const [main] = month.hidden;
  if (main === undefined) throw new RangeError(`The branch ${month.branch} hides no stem.`);
  const positionOf = (stem: Stem) =>
    visible.find(({ pillar }) => pillar.stem === stem)?.position ?? null;
  const isOwnMonth = isCompanion(main.tenGod);
  if (!isOwnMonth || STORES.includes(month.branch)) {
    for (const { stem, tenGod } of month.hidden) {
      const visibleIn = positionOf(stem);
      if (visibleIn !== null && !isCompanion(tenGod)) return { kind: tenGod, stem, visibleIn };
    }
  }
  const kind = isCompanion(main.tenGod) ? ownMonth(main.tenGod, day.stem) : main.tenGod;
  return { kind, stem: main.stem, visibleIn: positionOf(main.stem) };
}

function ownMonth(god: "friend" | "rob-wealth", dayMaster: Stem): StructureKind {
  if (god === "friend") return "established";
  return polarityOfStem(dayMaster) === "yang" ? "blade" : "robbing";
}

function isCompanion(god: TenGod): god is "friend" | "rob-wealth" {
  return god === "friend" || god === "rob-wealth";
}
