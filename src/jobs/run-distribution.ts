import { tellFindings } from "@/alerts/alert-of-findings";
import type { Database } from "@/db/client";
import {
  type DistributionResult,
  type DistributionTask,
  distributeCredits,
} from "@/ledger/distribution/distribute";
import { logger } from "@/lib/logger";

/**
 * The daily job: expire, distribute, report. Logs the run's figures and raises one alert a run when
 * more than 5% of its users failed; an alert that can't be sent never fails the run.
 */
export async function runDistribution(
  db: Database,
  task: DistributionTask,
): Promise<DistributionResult> {
  const run = await distributeCredits(db, task);
  logger.info(
    {
      runId: run.id,
      status: run.status,
      outcome: run.outcome,
      users: run.usersCount,
      processed: run.processedCount,
      errors: run.errorCount,
      expiredLots: run.expiredCount,
      grantedCredits: run.grantedCredits,
      expiredCredits: run.expiredCredits,
    },
    "distribution",
  );
  await tellFindings(db, { now: task.now });
  return run;
}
