import { setClockOffsetMs } from "@/lib/clock";
import { db } from ".";
import { clockOffset } from "./schema";

/** Sets the clock as it stood when the app was last used. Embedded mode only. */
export async function loadClockOffset(): Promise<void> {
  const [row] = await db.select().from(clockOffset);
  setClockOffsetMs(row?.offsetMs ?? 0);
}
