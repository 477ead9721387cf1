"use server";

import { after } from "next/server";
import { auditDistributionStart } from "@/admin/audit-distribution";
import { adminAction } from "@/app/actions/safe-action";
import { db } from "@/db";
import { runDistribution } from "@/jobs/run-distribution";
import { now } from "@/lib/clock";
import { logger } from "@/lib/logger";

/** Under the page's own time limit; what is left is finished by the next call or tick. */
const TIME_MS = 270_000;

/**
 * Starts the distribution now, or lends a hand to the one under way, and answers at once: the page
 * follows the run's row.
 */
export const startDistribution = adminAction.action(async ({ ctx: { user } }) => {
  const at = now();
  await auditDistributionStart(db, { actorId: user.id, now: at });
  const deadlineMs = performance.now() + TIME_MS;
  after(async () => {
    try {
      await runDistribution(db, { now: at, deadlineMs });
    } catch (error) {
      logger.error({ err: error }, "a distribution started by an admin failed");
    }
  });
});
