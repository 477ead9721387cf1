import { and, eq } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { baziReading } from "@/db/schema";

/**
 * Deletes one reading of this user for good: birth, chart and text. What it cost stays in the
 * ledger, and its id makes no other reading (see `createReading`). Deleted already is done too.
 */
export async function deleteReading(
  db: Executor,
  { userId, id }: { userId: string; id: string },
): Promise<void> {
  await db.delete(baziReading).where(and(eq(baziReading.userId, userId), eq(baziReading.id, id)));
}
