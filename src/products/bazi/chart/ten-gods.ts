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

/** For each relation: the god of the same polarity as the day master, and of the other. */
const GODS_BY_RELATION: Readonly<Record<Relation, { same: TenGod; other: TenGod }>> = {
  companion: { same: "friend", other: "rob-wealth" },
  output: { same: "eating-god", other: "hurting-officer" },
  wealth: { same: "indirect-wealth", other: "direct-wealth" },
  officer: { same: "seven-killings", other: "direct-officer" },
  resource: { same: "indirect-resource", other: "direct-resource" },
};

/** What `stem` is to the day master: element relation first, then same or other polarity. */
export function tenGodOf({ dayMaster, stem }: { dayMaster: Stem; stem: Stem }): TenGod {
  const relation = relationOf({ self: elementOfStem(dayMaster), other: elementOfStem(stem) });
  const gods = GODS_BY_RELATION[relation];
  return polarityOfStem(dayMaster) === polarityOfStem(stem) ? gods.same : gods.other;
}
