import { subDays } from "date-fns";
import { and, asc, inArray, lt, sql } from "drizzle-orm";
import type { Database } from "@/db/client";
import { stripeEvent } from "@/db/schema";

export const BODY_RETENTION_DAYS = 90;
const BATCH_SIZE = 500;

/**
 * Deletes the raw bodies of handled, ignored and closed events 90 days after they were received.
 * Their payloads stay. Pending and dead events keep both. Returns whether it finished before
 * `deadlineMs` (of `performance.now()`). Skips events that another transaction has locked.
 */
export async function pruneBodies(
  db: Database,
  { now, deadlineMs }: { now: Date; deadlineMs: number },
): Promise<boolean> {
  const before = subDays(now, BODY_RETENTION_DAYS);
  // Literals, because parameters would not match the partial index.
  const hasClosedBody = sql`raw_body is not null and status in ('handled', 'ignored', 'closed')`;
  while (performance.now() < deadlineMs) {
    const due = db
      .select({ id: stripeEvent.id })
      .from(stripeEvent)
      .where(and(hasClosedBody, lt(stripeEvent.receivedAt, before)))
      .orderBy(asc(stripeEvent.receivedAt))
      .limit(BATCH_SIZE)
      .for("update", { skipLocked: true });
    const pruned = await db
      .update(stripeEvent)
      .set({ rawBody: null })
      .where(inArray(stripeEvent.id, due))
      .returning({ id: stripeEvent.id });
    if (pruned.length < BATCH_SIZE) return true;
  }
  return false;
}
