"use server";

import { after } from "next/server";
import { auditReconcile, auditReconciled } from "@/admin/audit-reconcile";
import { reconcileInput } from "@/admin/input";
import { adminAction } from "@/app/actions/safe-action";
import { db } from "@/db";
import { runReconcile } from "@/jobs/run-reconcile";
import { now } from "@/lib/clock";
import { logger } from "@/lib/logger";

/** Has everybody's books recomputed and answers at once; what was found stands on the page then. */
export const startReconcile = adminAction
  .inputSchema(reconcileInput)
  .action(async ({ parsedInput: { id }, ctx: { user } }) => {
    const at = now();
    if (!(await auditReconcile(db, { id, actorId: user.id, now: at }))) return;
    after(async () => {
      try {
        const { usersChecked, driftedUsers } = await runReconcile(db, { now: at });
        await auditReconciled(db, { id, found: { usersChecked, drifted: driftedUsers.length } });
      } catch (error) {
        logger.error({ err: error }, "a reconcile started by an admin failed");
      }
    });
  });
