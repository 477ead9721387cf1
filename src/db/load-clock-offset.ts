import { setClockOffsetMs } from "@/lib/clock";
import { db } from ".";
import { clockOffset } from "./schema";

/** Restores the clock offset of the last run. Embedded mode only. */
export async function loadClockOffset(): Promise<void> {
  const [row] = await db.select().from(clockOffset);
  setClockOffsetMs(row?.offsetMs ?? 0);
}
