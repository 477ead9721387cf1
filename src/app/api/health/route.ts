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
 * Health check for uptime monitors. Public: it returns counts and instants only.
 *
 * - 503 if the site is unusable: the database does not respond or lacks migrations of this build.
 * - 200 with `status: "degraded"` and the named `problems` if work is late or dead-lettered. With
 *   `?strict=1` 503, for monitors that read only the status code.
 *
 * After the response, it raises the alerts that are due, each once a day: a cron that does not run
 * cannot report that itself.
 */
export async function GET(request: Request): Promise<Response> {
  const isStrict = new URL(request.url).searchParams.get("strict") === "1";
  let health: Health;
  try {
    health = await readSiteHealth();
  } catch (error) {
    logger.error({ err: error }, "database did not respond to the health check");
    return respondWith(503, { status: "down", database: "unreachable" });
  }
  if (health.problems.length > 0) after(() => raiseAlerts(health));
  const isDown = health.pendingMigrations > 0;
  const isOk = health.problems.length === 0;
  const status = isDown ? "down" : isOk ? "ok" : "degraded";
  return respondWith(isDown || (isStrict && !isOk) ? 503 : 200, {
    status,
    database: "ok",
    ...health,
    inboxLagSeconds: lagSeconds(health.inbox, health.checkedAt),
    outboxAgeSeconds: lagSeconds(health.outbox, health.checkedAt),
    failedInLastRun: health.lastRun?.failedUsers ?? 0,
  });
}

function respondWith(status: number, body: object): Response {
  return Response.json(body, { status, headers: { "Cache-Control": "no-store" } });
}

async function raiseAlerts(health: Health): Promise<void> {
  const { checkedAt: now } = health;
  try {
    const alerted = await watch(db, { now, health });
    if (alerted.length === 0) return;
    await deliverAlerts(db, { now, deadlineMs: performance.now() + SEND_ALERTS_MS });
  } catch (error) {
    logger.error({ err: error }, "could not raise the alerts of a health check");
  }
}
