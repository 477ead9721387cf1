import { sql } from "drizzle-orm";
import type { Database, Executor } from "@/db/client";
import { now as clockNow } from "@/lib/clock";
import { logger } from "@/lib/logger";
import { instant } from "../parameters";
import { drainDue, type Remaining } from "./drain-due";
import type { Batch } from "./walk-due";

export const BATCH_LOTS = 5_000;

export interface Expired {
  readonly left: Remaining;
  /** Users whom this call was the first to fail for, in the run or at all. */
  readonly failures: number;
  readonly lastError: string | null;
}

/**
 * Books the lots that expired and the holds that lapsed by `now`, in batches of one transaction
 * each. What it books was true at read time already; this keeps the books short. Whoever it fails for
 * is noted (`distribution_failure`) and left alone: by the run until the next one, by a sweep, which
 * has no run, until a run or an admin succeeds. Locks the accounts of one batch at a time and passes
 * over locked ones, whose own next write books the same; a sweep does not come back for them.
 */
export async function expireCredits(
  db: Database,
  options: {
    runId: string | null;
    now: Date;
    /** Milliseconds of `performance.now()`. */
    deadlineMs: number;
    /** What the notes say of when, which `now` need not be. */
    clock?: () => Date;
    batchSize?: number;
    lanes?: number;
    passes?: number;
  },
): Promise<Expired> {
  const { runId, now, deadlineMs, clock = clockNow } = options;
  const { batchSize = BATCH_LOTS, lanes = 1, passes = 1 } = options;
  let failures = 0;
  let lastError: string | null = null;
  const left = await drainDue({
    ...{ deadlineMs, batchSize, lanes, passes },
    isAnythingDue: () => isAnythingExpired(db, runId, now),
    batchAfter: async (after) => {
      const batches = await db.execute<Batch & { errors: number; last_error: string | null }>(
        sql`select scanned, next_at, next_user, errors, last_error
          from credits_expire_batch(${runId}::uuid, ${instant(now)}, ${instant(clock())},
            ${batchSize}::integer, ${after.at}::timestamptz, ${after.user})`,
      );
      for (const batch of batches) {
        failures += batch.errors;
        lastError = batch.last_error ?? lastError;
      }
      return batches;
    },
  });
  if (failures > 0) logger.error({ runId, users: failures, error: lastError }, "expiry failed");
  return { left, failures, lastError };
}

async function isAnythingExpired(
  reader: Executor,
  runId: string | null,
  now: Date,
): Promise<boolean> {
  const [row] = await reader.execute<{ due: boolean }>(
    sql`select credits_is_anything_expired(${runId}::uuid, ${instant(now)}) as due`,
  );
  return row?.due ?? false;
}
