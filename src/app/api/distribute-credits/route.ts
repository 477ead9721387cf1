import { db } from "@/db";
import { dailyRun } from "@/jobs/daily-run";
import { previewDistribution } from "@/ledger/distribution/preview";
import { now } from "@/lib/clock";
import { alsoInTheTick } from "../also-in-the-tick";
import { requireScheduler } from "../require-scheduler";
import { respond } from "../respond";

export const dynamic = "force-dynamic";
/** Seconds; the run stops cleanly before, and the next call joins it. */
export const maxDuration = 300;

const STOP_BEFORE_LIMIT_MS = 30_000;

const MESSAGES = {
  drained: "Everything due was distributed.",
  "deadline reached": "The time was up; the next call goes on with this run.",
  "accounts busy": "Some accounts stayed busy; the next call goes on with this run.",
} as const;

/**
 * Books what has expired and grants what is due, then does the tick's work, for hosts that allow one
 * call a day. Called daily by Vercel's cron; may be called at any time and by any number of callers.
 * `?dryRun=1` answers what would happen and writes nothing. 500 when the distribution broke off: the
 * rest of the day's work was done all the same, and an alert has gone out.
 */
export async function GET(request: Request): Promise<Response> {
  return respond(async () => {
    requireScheduler(request);
    const at = now();
    if (new URL(request.url).searchParams.get("dryRun") === "1") {
      const preview = await previewDistribution(db, at);
      return Response.json({ message: "Dry run: nothing was written.", dryRun: true, ...preview });
    }
    const deadlineMs = performance.now() + maxDuration * 1000 - STOP_BEFORE_LIMIT_MS;
    const run = await dailyRun(db, { now: at, deadlineMs }, alsoInTheTick);
    return Response.json({
      message: MESSAGES[run.outcome],
      runId: run.id,
      usersCount: run.usersCount,
      processedCount: run.processedCount,
      errorCount: run.errorCount,
      expiredCount: run.expiredCount,
      done: run.status === "done",
    });
  });
}
