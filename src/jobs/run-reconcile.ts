import { type Reconciliation, reconcileBooks } from "@/credits/reconcile";
import type { Database } from "@/db/client";
import { logger } from "@/lib/logger";
import { sendAlert } from "./send-alert";

/** Recomputes everybody's books; drift freezes the account's spending and raises an alert. */
export async function runReconcile(db: Database, { now }: { now: Date }): Promise<Reconciliation> {
  const found = await reconcileBooks(db, { now });
  const drifted = found.driftedUsers.length;
  logger.info({ reconciliationId: found.id, users: found.usersChecked, drifted }, "reconciled");
  if (drifted > 0) {
    await sendAlert(db, {
      key: `reconcile:${found.id}`,
      subject: `The books of ${drifted} of ${found.usersChecked} users do not balance`,
      facts: { reconciliationId: found.id, firstUsers: found.driftedUsers.slice(0, 10).join(", ") },
      now,
    });
  }
  return found;
}
