import { eq } from "drizzle-orm";
import { sendAlert } from "@/alerts/send-alert";
import type { Database } from "@/db/client";
import type { DistributionResult } from "@/ledger/distribution/distribute";
import { distributionRun } from "@/ledger/distribution/schema";
import { runningFrom } from "@/lib/clock";
import { describeError } from "@/lib/errors";
import { dayName } from "@/lib/utc-period";
import { runDistribution } from "./run-distribution";
import { runTick, type Tick, type TickTasks } from "./run-tick";

/** The distribution's part of the time, so that the day's other work gets some; the tick goes on with it. */
const SHARE = 2 / 3;

/**
 * What the scheduler's daily call does: the distribution, then the tick. What fails of the tick is
 * told there and does not fail the run. A distribution that breaks off is told once a day and
 * thrown, after the tick.
 */
export async function dailyRun(
  db: Database,
  tick: Tick,
  also: TickTasks = {},
): Promise<DistributionResult> {
  const { now, deadlineMs } = tick;
  const beganMs = performance.now();
  const clock = runningFrom(now);
  let run: DistributionResult;
  try {
    run = await runDistribution(db, { now, deadlineMs: beganMs + (deadlineMs - beganMs) * SHARE });
  } catch (error) {
    await sendAlert(db, {
      key: `distribution-broke-off:${dayName(now)}`,
      subject: "The daily distribution broke off",
      facts: { error: reasonOf(error) },
      now,
    });
    await runTick(db, { now: clock(), deadlineMs }, also);
    throw error;
  }
  await runTick(db, { now: clock(), deadlineMs }, also);
  // The tick may have finished what the run had to leave.
  const [latest] = await db.select().from(distributionRun).where(eq(distributionRun.id, run.id));
  if (latest === undefined) return run;
  return { ...latest, outcome: latest.status === "done" ? "drained" : run.outcome };
}

/** Drizzle wraps what Postgres said, and that is what helps. */
function reasonOf(error: unknown): string {
  const reason = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return describeError(reason).message;
}
