import { db } from "@/db";
import { runTick } from "@/jobs/tick";
import { recordTickCall } from "@/jobs/tick-calls";
import { now } from "@/lib/clock";
import { requireScheduler } from "../../require-scheduler";
import { respond } from "../../respond";

export const dynamic = "force-dynamic";
/** Seconds. */
export const maxDuration = 300;

const STOP_BEFORE_LIMIT_MS = 30_000;

/** Runs the small jobs between the daily runs. Safe to call at any time and concurrently. */
export async function GET(request: Request): Promise<Response> {
  return respond(async () => {
    requireScheduler(request);
    await recordTickCall(db);
    const deadlineMs = performance.now() + maxDuration * 1000 - STOP_BEFORE_LIMIT_MS;
    const { failed } = await runTick(db, { now: now(), deadlineMs });
    return Response.json({ failed }, { status: failed.length === 0 ? 200 : 500 });
  });
}
