import type { Pillar } from "../../chart/chart";
import type { TenGod } from "../../chart/ten-gods";

/** The ten god of a branch's main hidden stem. */
export function mainTenGod({ branch, hidden }: Pillar): TenGod {
  const [main] = hidden;
  if (main === undefined) throw new RangeError(`The branch ${branch} hides no stem.`);
  return main.tenGod;
}
