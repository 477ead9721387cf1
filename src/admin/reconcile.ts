import type { Database } from "@/db/client";
import { isInterrupted, openReconciliation, runningReconciliation } from "@/ledger/reconcile";
import { type Audited, type auditedInput, completeAudit, recordAudit } from "./audit";

/**
 * Audits and opens a reconciliation of all users. Returns false and records nothing while another one
 * is running, and when the same form (`id`) was sent before. The caller runs the reconciliation.
 * @throws IdempotencyConflict
 */
export async function startReconciliation(
  db: Database,
  { id, actorId, now }: Audited<typeof auditedInput>,
): Promise<boolean> {
  const running = await runningReconciliation(db);
  if (running !== undefined && !isInterrupted(running, now)) return false;
  if (!(await recordAudit(db, { id, actorId, action: "books.reconcile", now }))) return false;
  await openReconciliation(db, now);
  return true;
}

/** Adds the result to the audit entry of the reconciliation. */
export async function auditReconciliation(
  db: Database,
  { id, usersChecked, driftedUsers }: { id: string; usersChecked: number; driftedUsers: number },
): Promise<void> {
  await completeAudit(db, { id, after: { usersChecked, drifted: driftedUsers } });
}
