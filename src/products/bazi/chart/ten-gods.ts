import type { Pillar } from "./chart";
import { type Relation, relationOf } from "./elements";
import { elementOfStem, polarityOfStem, type Stem } from "./stems-and-branches";

/** The ten gods (十神): 比肩 劫财 食神 伤官 偏财 正财 七杀 正官 偏印 正印. */
export const TEN_GODS = [
  "friend",
  "rob-wealth",
  "eating-god",
  "hurting-officer",
  "indirect-wealth",
  "direct-wealth",
  "seven-killings",
  "direct-officer",
  "indirect-resource",
  "direct-resource",
] as const;
export type TenGod = (typeof TEN_GODS)[number];

/** The ten god of each relation, for the same and for the opposite polarity as the day master. */
const GODS_BY_RELATION: Readonly<Record<Relation, { same: TenGod; opposite: TenGod }>> = {
  companion: { same: "friend", opposite: "rob-wealth" },
  output: { same: "eating-god", opposite: "hurting-officer" },
  wealth: { same: "indirect-wealth", opposite: "direct-wealth" },
  officer: { same: "seven-killings", opposite: "direct-officer" },
  resource: { same: "indirect-resource", opposite: "direct-resource" },
};

/** The ten god of a stem, from its relation to the day master and its polarity. */
export function tenGodOf({ dayMaster, stem }: { dayMaster: Stem; stem: Stem }): TenGod {
  const relation = relationOf({ self: elementOfStem(dayMaster), other: elementOfStem(stem) });
  const gods = GODS_BY_RELATION[relation];
  return polarityOfStem(dayMaster) === polarityOfStem(stem) ? gods.same : gods.opposite;
}

/** The ten god of the main hidden stem of a pillar's branch. */
export function mainTenGodOf({ branch, hidden }: Pillar): TenGod {
  const [main] = hidden;
  if (main === undefined) throw new RangeError(`The branch ${branch} hides no stem.`);
  return main.tenGod;
}
