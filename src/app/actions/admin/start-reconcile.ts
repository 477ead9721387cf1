"use server";

import { refresh } from "next/cache";
import { after } from "next/server";
import { auditReconcile, auditReconciled } from "@/admin/audit-reconcile";
import { pressInput } from "@/admin/input";
import { adminAction } from "@/app/safe-action";
import { db } from "@/db";
import { runReconcile } from "@/jobs/run-reconcile";
import { isInterrupted, openReconciliation, runningReconciliation } from "@/ledger/reconcile";
import { now } from "@/lib/clock";
import { logger } from "@/lib/logger";

/** Under the page's own time limit; what is left is gone on with by the next start or tick. */
const TIME_MS = 270_000;

/**
 * Has everybody's books recomputed and answers at once; the page follows the progress. One that is
 * under way is left to whoever is at it.
 */
export const startReconcile = adminAction
  .inputSchema(pressInput)
  .action(async ({ parsedInput: { id }, ctx: { user } }) => {
    const at = now();
    const running = await runningReconciliation(db);
    if (running !== undefined && !isInterrupted(running, at)) return refresh();
    if (!(await auditReconcile(db, { id, actorId: user.id, now: at }))) return;
    await openReconciliation(db, at);
    const deadlineMs = performance.now() + TIME_MS;
    after(async () => {
      try {
        const { usersChecked, driftedUsers } = await runReconcile(db, { now: at, deadlineMs });
        await auditReconciled(db, { id, found: { usersChecked, drifted: driftedUsers.length } });
      } catch (error) {
        logger.error({ err: error }, "a reconcile started by an admin failed");
      }
    });
    refresh();
  });
