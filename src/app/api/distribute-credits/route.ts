import { db } from "@/db";
import { dailyRun } from "@/jobs/daily-run";
import { previewDistribution } from "@/ledger/distribution/preview";
import { now } from "@/lib/clock";
import { requireScheduler } from "../require-scheduler";
import { respond } from "../respond";

export const dynamic = "force-dynamic";
/** Seconds. The run stops before this limit, and the next call resumes it. */
export const maxDuration = 300;

const STOP_BEFORE_LIMIT_MS = 30_000;

const MESSAGES = {
  drained: "Everything due was distributed.",
  "deadline reached": "Time ran out. The next call resumes this run.",
  "accounts busy": "Some accounts stayed busy. The next call resumes this run.",
} as const;

/**
 * Books expired credits, grants the due ones and then runs a tick, for hosts that allow one call a
 * day. Vercel's cron calls it daily. Any number of callers may call it at any time. `?dryRun=1`
 * returns a preview and writes nothing.
 *
 * Responds with 500 if the distribution failed. The rest of the work is done, and an alert is sent.
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
    const run = await dailyRun(db, { now: at, deadlineMs });
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
