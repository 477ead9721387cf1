import { tellFindings } from "@/alerts/alert-of-findings";
import type { Database } from "@/db/client";
import { type Reconciliation, reconcileBooks } from "@/ledger/reconcile";
import { logger } from "@/lib/logger";

/**
 * Recomputes everybody's books, or goes on with that; drift freezes the account's spending and
 * raises one alert. Stops before `deadlineMs` (of `performance.now()`) with `finishedAt` null.
 */
export async function runReconcile(
  db: Database,
  { now, deadlineMs }: { now: Date; deadlineMs: number },
): Promise<Reconciliation> {
  const found = await reconcileBooks(db, { now, deadlineMs });
  const isFinished = found.finishedAt !== null;
  const { id, usersChecked: users, driftedUsers } = found;
  logger.info(
    { reconciliationId: id, users, drifted: driftedUsers.length, isFinished },
    "reconciled",
  );
  await tellFindings(db, { now, stoppedId: isFinished ? undefined : id });
  return found;
}
