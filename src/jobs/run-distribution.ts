import { and, eq, isNull } from "drizzle-orm";
import { ALERT_ERROR_RATE, type DistributionRun, distributeCredits } from "@/credits/distribute";
import type { Database } from "@/db/client";
import { distributionRun } from "@/db/schema/jobs";
import { logger } from "@/lib/logger";
import { sendAlert } from "./send-alert";

/**
 * The daily job: expire, distribute, report. Logs the run's figures and raises one alert a run when
 * more than 5% of its users failed; an alert that can't be sent never fails the run.
 */
export async function runDistribution(
  db: Database,
  { now, deadlineMs }: { now: Date; deadlineMs: number },
): Promise<DistributionRun> {
  const run = await distributeCredits(db, { now, deadlineMs });
  logger.info(
    {
      runId: run.id,
      status: run.status,
      users: run.usersCount,
      processed: run.processedCount,
      errors: run.errorCount,
      expiredLots: run.expiredCount,
      grantedCredits: run.grantedCredits,
      expiredCredits: run.expiredCredits,
    },
    "distribution",
  );
  if (run.status === "done" && isAlarming(run)) await alertOnce(db, run, now);
  return run;
}

/** More than 5% of the users of a run failed. */
export function isAlarming(run: Pick<DistributionRun, "errorCount" | "usersCount">): boolean {
  return run.usersCount > 0 && run.errorCount / run.usersCount > ALERT_ERROR_RATE;
}

async function alertOnce(db: Database, run: DistributionRun, now: Date): Promise<void> {
  const claimed = await db
    .update(distributionRun)
    .set({ alertedAt: now })
    .where(and(eq(distributionRun.id, run.id), isNull(distributionRun.alertedAt)))
    .returning({ id: distributionRun.id });
  if (claimed.length === 0) return;
  await sendAlert(db, {
    key: `distribution:${run.id}`,
    subject: `Distribution failed for ${run.errorCount} of ${run.usersCount} users`,
    facts: {
      runId: run.id,
      users: run.usersCount,
      errors: run.errorCount,
      lastError: run.lastError,
    },
    now,
  });
}
