"use server";

import { refresh } from "next/cache";
import { after } from "next/server";
import { adminAction } from "@/accounts/safe-action";
import { auditedInput } from "@/admin/audit";
import { auditReconciliation, startReconciliation } from "@/admin/reconcile";
import { db } from "@/db";
import { notifyFindings } from "@/jobs/findings";
import { reconcileBooks } from "@/ledger/reconcile";
import { countOutstanding as count } from "@/ledger/reports/outstanding";
import { now } from "@/lib/clock";
import { logger } from "@/lib/logger";

/** Below the page's `maxDuration`. The next start or tick resumes the rest. */
const RECONCILE_MS = 270_000;

/** Recounts the outstanding credits of all users. Not audited, because it changes no credits. */
export const countOutstanding = adminAction.action(async () => {
  await count(db, now());
  refresh();
});

/**
 * Starts a reconciliation, or resumes an interrupted one, and returns at once. The page follows the
 * progress.
 */
export const startReconcile = adminAction
  .inputSchema(auditedInput)
  .action(async ({ parsedInput: { id }, ctx: { user } }) => {
    const at = now();
    const isStarted = await startReconciliation(db, { id, actorId: user.id, now: at });
    const deadlineMs = performance.now() + RECONCILE_MS;
    if (isStarted) after(() => reconcile({ id, at, deadlineMs }));
    refresh();
  });

async function reconcile({ id, at, deadlineMs }: { id: string; at: Date; deadlineMs: number }) {
  try {
    const result = await reconcileBooks(db, { now: at, deadlineMs });
    const { usersChecked, driftedUsers } = result;
    const stoppedReconciliationId = result.finishedAt === null ? result.id : undefined;
    await notifyFindings(db, { now: at, stoppedReconciliationId });
    await auditReconciliation(db, { id, usersChecked, driftedUsers: driftedUsers.length });
  } catch (error) {
    logger.error({ err: error }, "reconciliation started by an admin failed");
  }
}
