import { tellFindings } from "@/alerts/alert-of-findings";
import type { Database } from "@/db/client";
import {
  type Distributed,
  type DistributionTask,
  distributeCredits,
} from "@/ledger/distribution/distribute";
import { logger } from "@/lib/logger";

/**
 * The daily job: expire, distribute, report. Logs the run's figures and raises one alert a run when
 * more than 5% of its users failed; an alert that can't be sent never fails the run.
 */
export async function runDistribution(db: Database, task: DistributionTask): Promise<Distributed> {
  const run = await distributeCredits(db, task);
  logger.info(
    {
      runId: run.id,
      status: run.status,
      left: run.left,
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
