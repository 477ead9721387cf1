import { sql } from "drizzle-orm";
import type { Database } from "@/db/client";
import { instant } from "./parameters";

const BATCH_USERS = 500;

/**
 * Books the lots that expired and the holds that lapsed by `now`, in batches of one transaction
 * each. What it books was true at read time already; this keeps the books short. Answers true when
 * nothing is left, false when the time was up first. Locks the accounts of one batch at a time,
 * passing over locked ones.
 */
export async function expireCredits(
  db: Database,
  { runId, now, deadlineMs }: { runId: string | null; now: Date; deadlineMs: number },
): Promise<boolean> {
  let failedUsers: string[] = [];
  while (performance.now() < deadlineMs) {
    const [batch] = await db.execute<{ users: number; failed_users: string[] }>(
      sql`select users, failed_users from credits_expire_batch(${runId}::uuid, ${instant(now)},
        ${BATCH_USERS}::integer, ${sql.param(failedUsers)}::text[])`,
    );
    if (batch === undefined) throw new Error("credits_expire_batch answered no row");
    const failed = batch.failed_users.length - failedUsers.length;
    failedUsers = batch.failed_users;
    if (batch.users + failed === 0) return true;
  }
  return false;
}
