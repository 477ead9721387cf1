import { previewDistribution } from "@/credits/distribute";
import { db } from "@/db";
import { runDistribution } from "@/jobs/run-distribution";
import { runTick } from "@/jobs/run-tick";
import { now } from "@/lib/clock";
import { requireScheduler } from "../require-scheduler";
import { respond } from "../respond";

export const dynamic = "force-dynamic";
/** Seconds; the run stops cleanly before, and the next call joins it. */
export const maxDuration = 300;

const STOP_BEFORE_LIMIT_MS = 20_000;

/**
 * Books what has expired and grants what is due. Called daily by Vercel's cron; may be called at
 * any time and by any number of callers. `?dryRun=1` answers what would happen and writes nothing.
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
    const run = await runDistribution(db, { now: at, deadlineMs });
    // For hosts that allow one call a day. What fails of it is logged there and does not fail the run.
    await runTick(db, { now: at, deadlineMs });
    return Response.json({
      message:
        run.status === "done"
          ? "Everything due was distributed."
          : "The time was up; the next call goes on with this run.",
      runId: run.id,
      usersCount: run.usersCount,
      processedCount: run.processedCount,
      errorCount: run.errorCount,
      expiredCount: run.expiredCount,
      done: run.status === "done",
    });
  });
}
