import { sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { tickCalls } from "@/db/schema/jobs";

/** A scheduler whose calls are at most this far apart calls regularly. */
const REGULAR_GAP_MINUTES = 10;
/** An hour of regular calls is a scheduler, and not a person who calls the tick by hand. */
const REGULAR_AFTER_MINUTES = 60;

/**
 * Records that a scheduler called the tick. The times are those of the database's clock, which the
 * embedded mode cannot move.
 */
export async function recordTickCall(db: Executor): Promise<void> {
  const { lastAt, seriesStartedAt, regularAt } = tickCalls;
  const continues = sql`${lastAt} >= now() - ${REGULAR_GAP_MINUTES} * interval '1 minute'`;
  const isRegular = sql`${seriesStartedAt} <= now() - ${REGULAR_AFTER_MINUTES} * interval '1 minute'`;
  await db
    .insert(tickCalls)
    .values({ lastAt: sql`now()`, seriesStartedAt: sql`now()` })
    .onConflictDoUpdate({
      target: tickCalls.id,
      set: {
        lastAt: sql`now()`,
        seriesStartedAt: sql`case when ${continues} then ${seriesStartedAt} else now() end`,
        regularAt: sql`case when ${continues} and ${isRegular} then now() else ${regularAt} end`,
      },
    });
}

/**
 * Counts the time without a call from now on, if the tick has been called before. The embedded mode's
 * scheduler starts and stops with the server, which was off until now.
 */
export async function restartTickCalls(db: Executor): Promise<void> {
  await db.update(tickCalls).set({ lastAt: sql`now()`, seriesStartedAt: sql`now()` });
}
