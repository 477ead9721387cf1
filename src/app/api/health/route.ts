import { after } from "next/server";
import { deliverAlerts } from "@/alerts/deliver-alerts";
import { readSiteHealth } from "@/app/api/health/read-site-health";
import { db } from "@/db";
import { type Health, lagSeconds } from "@/jobs/health";
import { watch } from "@/jobs/watch";
import { logger } from "@/lib/logger";

export const dynamic = "force-dynamic";

const SEND_ALERTS_MS = 20_000;

/**
 * For uptime monitors; anybody may ask, and learns counts and instants only. 503 when the site
 * cannot be used: the database does not answer, or its tables are older than this build. What is
 * late or was given up needs a person, yet taking the site away would not mend it: 200 with
 * `status: "degraded"` and the `problems` by name; 503 with `?strict=1`, for monitors that look at
 * nothing but the status code.
 *
 * A cron that does not run cannot tell that it does not: what is asked here raises the alerts that
 * are due, after the answer, each once a day.
 */
export async function GET(request: Request): Promise<Response> {
  const isStrict = new URL(request.url).searchParams.get("strict") === "1";
  let health: Health;
  try {
    health = await readSiteHealth();
  } catch (error) {
    logger.error({ err: error }, "the database did not answer the health check");
    return answer(503, { status: "down", database: "unreachable" });
  }
  if (health.problems.length > 0) after(() => raiseAlerts(health));
  const isDown = health.pendingMigrations > 0;
  const isOk = health.problems.length === 0;
  const status = isDown ? "down" : isOk ? "ok" : "degraded";
  return answer(isDown || (isStrict && !isOk) ? 503 : 200, {
    ...{ status, database: "ok" },
    ...health,
    inboxLagSeconds: lagSeconds(health.inbox, health.checkedAt),
    outboxAgeSeconds: lagSeconds(health.outbox, health.checkedAt),
    failedInLastRun: health.lastRun?.failedUsers ?? 0,
  });
}

function answer(status: number, body: object): Response {
  return Response.json(body, { status, headers: { "Cache-Control": "no-store" } });
}

async function raiseAlerts(health: Health): Promise<void> {
  const { checkedAt: now } = health;
  try {
    const alerted = await watch(db, { now, health });
    if (alerted.length === 0) return;
    await deliverAlerts(db, { now, deadlineMs: performance.now() + SEND_ALERTS_MS });
  } catch (error) {
    logger.error({ err: error }, "the alerts of a health check could not be raised");
  }
}
