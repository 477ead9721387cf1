import { eq } from "drizzle-orm";
import { sendAlert } from "@/alerts/send-alert";
import type { Database } from "@/db/client";
import { driverErrorOf } from "@/db/driver-error";
import { type DistributionResult, distributeCredits } from "@/ledger/distribution/distribute";
import { distributionRun } from "@/ledger/distribution/schema";
import { runningFrom } from "@/lib/clock";
import { describeError } from "@/lib/errors";
import { logger } from "@/lib/logger";
import { dayName } from "@/lib/utc-period";
import { runTick, type Tick } from "./tick";

/** The distribution's share of the time. The tick resumes an unfinished run. */
const DISTRIBUTION_SHARE = 2 / 3;

/**
 * Distributes credits, then runs a tick, which also sends the alerts of both. Returns the
 * distribution. Failed tasks of the tick do not fail the run. A failed distribution raises one alert
 * a day and is rethrown after the tick.
 */
export async function dailyRun(
  db: Database,
  { now, deadlineMs }: Tick,
): Promise<DistributionResult> {
  const startMs = performance.now();
  const clock = runningFrom(now);
  const distributionDeadlineMs = startMs + (deadlineMs - startMs) * DISTRIBUTION_SHARE;
  let run: DistributionResult;
  try {
    run = await distributeCredits(db, { now, deadlineMs: distributionDeadlineMs });
  } catch (error) {
    await sendAlert(db, {
      key: `distribution-broke-off:${dayName(now)}`,
      subject: "The daily distribution failed",
      facts: { error: describeError(driverErrorOf(error)).message },
      now,
    });
    await runTick(db, { now: clock(), deadlineMs });
    throw error;
  }
  logger.info({ run }, "distribution");
  await runTick(db, { now: clock(), deadlineMs });
  return readLatest(db, run);
}

/** The tick may have finished the run. */
async function readLatest(db: Database, run: DistributionResult): Promise<DistributionResult> {
  const [latest] = await db.select().from(distributionRun).where(eq(distributionRun.id, run.id));
  if (latest === undefined) return run;
  return { ...latest, outcome: latest.status === "done" ? "drained" : run.outcome };
}
