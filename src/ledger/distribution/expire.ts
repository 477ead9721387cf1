import { sql } from "drizzle-orm";
import type { Database, Executor } from "@/db/client";
import { now as clockNow } from "@/lib/clock";
import { logger } from "@/lib/logger";
import { instant } from "../call-ledger";
import { type Batch, type DrainOutcome, drainDue } from "./drain-due";

export const BATCH_LOTS = 5_000;

export interface Expired {
  readonly outcome: DrainOutcome;
  /** Users for whom this call failed first, within the run or, in a sweep, at all. */
  readonly failures: number;
  readonly lastError: string | null;
}

/**
 * Books lots that expired and holds that lapsed by `now`, one transaction per batch. Balances count
 * them as expired already; booking keeps the ledger current. A failing user is recorded in
 * `distribution_failure`: a run skips them until the next run, a sweep (`runId` null) until a run or
 * an admin succeeds. Locks the accounts of one batch at a time and skips locked ones, whose own next
 * write books the same.
 */
export async function expireCredits(
  db: Database,
  options: {
    runId: string | null;
    now: Date;
    /** Milliseconds of `performance.now()`. */
    deadlineMs: number;
    /** Timestamps the failures; may differ from `now`. */
    clock?: () => Date;
    batchSize?: number;
    concurrency?: number;
    passes?: number;
  },
): Promise<Expired> {
  const { runId, now, deadlineMs, clock = clockNow } = options;
  const { batchSize = BATCH_LOTS, concurrency = 1, passes = 1 } = options;
  let failures = 0;
  let lastError: string | null = null;
  const outcome = await drainDue({
    deadlineMs,
    batchSize,
    concurrency,
    passes,
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
  return { outcome, failures, lastError };
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
