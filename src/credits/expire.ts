import { sql } from "drizzle-orm";
import type { Database } from "@/db/client";
import { logger } from "@/lib/logger";
import { instant } from "./parameters";
import { type Batch, walkDue } from "./walk-due";

const BATCH_LOTS = 5_000;

/**
 * Books the lots that expired and the holds that lapsed by `now`, in batches of one transaction
 * each. What it books was true at read time already; this keeps the books short. Answers true when
 * it has been everywhere, false when the time was up first. Locks the accounts of one batch at a
 * time and passes over locked ones, whose own next write books the same.
 */
export async function expireCredits(
  db: Database,
  { runId, now, deadlineMs }: { runId: string | null; now: Date; deadlineMs: number },
): Promise<boolean> {
  let failedUsers: readonly string[] = [];
  const left = await walkDue(deadlineMs, BATCH_LOTS, async (after) => {
    const batches = await db.execute<Batch & { failed_users: string[]; last_error: string | null }>(
      sql`select scanned, next_at, next_user, failed_users, last_error
        from credits_expire_batch(${runId}::uuid, ${instant(now)}, ${BATCH_LOTS}::integer,
          ${sql.param(failedUsers)}::text[], ${after.at}::timestamptz, ${after.user})`,
    );
    failedUsers = batches[0]?.failed_users ?? failedUsers;
    const error = batches[0]?.last_error ?? null;
    if (error !== null) logger.error({ runId, users: failedUsers.length, error }, "expiry failed");
    return batches;
  });
  return left === "walked";
}
