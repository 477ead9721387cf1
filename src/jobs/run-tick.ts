import { eq } from "drizzle-orm";
import { deliverStripeCalls } from "@/billing/deliver-stripe-calls";
import { feedMissedEvents } from "@/billing/feed-missed-events";
import { retryEvents } from "@/billing/retry-events";
import { expireCredits } from "@/credits/expire";
import { countOutstanding } from "@/credits/outstanding";
import { lastReconciliation } from "@/credits/reconcile";
import type { Database } from "@/db/client";
import { distributionRun } from "@/db/schema/jobs";
import { deliverDueEmails } from "@/emails/deliver";
import { logger } from "@/lib/logger";
import { remindOfExpiry } from "@/notifications/remind-of-expiry";
import { alertingBilling } from "./alerting-billing";
import { runDistribution } from "./run-distribution";
import { runReconcile } from "./run-reconcile";
import { runRepair } from "./run-repair";
import { sendAlert } from "./send-alert";
import { watch } from "./watch";

const NIGHTLY_EVERY_MS = 24 * 3_600_000;

export interface Tick {
  readonly now: Date;
  /** Milliseconds of `performance.now()` before which the tick stops. */
  readonly deadlineMs: number;
}

/**
 * The small work, every few minutes where the host allows it and once a day at least: retries of
 * Stripe events, the outbox, sweeps of holds and lots, unfinished runs, and nightly the events that
 * never came, schedules that are missing and the reconcile. One piece that fails is logged and does not keep the others from being done; answers which failed.
 */
export async function runTick(db: Database, tick: Tick): Promise<{ failed: string[] }> {
  const failed: string[] = [];
  const attempt = async (name: string, work: Piece) => {
    try {
      await work(db, tick);
    } catch (error) {
      failed.push(name);
      logger.error({ err: error, piece: name }, "a piece of the tick failed");
    }
  };
  for (const [name, work] of Object.entries(pieces)) {
    if (performance.now() >= tick.deadlineMs) break;
    await attempt(name, work);
  }
  // It judges what the others left undone, so it is last, and most needed when the time was up.
  await attempt("watch", () => watch(db, { now: tick.now, alert: sendAlert }));
  return { failed };
}

type Piece = (db: Database, tick: Tick) => Promise<unknown>;

const pieces: Readonly<Record<string, Piece>> = {
  "retry events": (_, tick) => retryEvents(alertingBilling, { until: untilOf(tick) }),
  "calls to Stripe": () => deliverStripeCalls(alertingBilling),
  reminders: remindOfExpiry,
  "e-mails": (db, { now }) => deliverDueEmails(db, now),
  "expired lots and lapsed holds": (db, { now, deadlineMs }) =>
    expireCredits(db, { runId: null, now, deadlineMs }),
  "unfinished distribution": finishDistribution,
  "events that never came": (db, tick) =>
    nightly(db, tick, () => feedMissedEvents(alertingBilling, { until: untilOf(tick) })),
  "missing schedules": (db, tick) => nightly(db, tick, () => runRepair(db, tick)),
  "outstanding credits": (db, tick) => nightly(db, tick, () => countOutstanding(db, tick.now)),
  reconcile: (db, tick) => nightly(db, tick, () => runReconcile(db, tick)),
};

/** The tick's deadline as an instant of the application's clock. */
function untilOf({ now, deadlineMs }: Tick): Date {
  return new Date(now.getTime() + Math.max(0, deadlineMs - performance.now()));
}

async function finishDistribution(db: Database, tick: Tick): Promise<void> {
  const [unfinished] = await db
    .select({ id: distributionRun.id })
    .from(distributionRun)
    .where(eq(distributionRun.status, "running"))
    .limit(1);
  if (unfinished !== undefined) await runDistribution(db, tick);
}

/** Done once a day; the reconcile, which comes last, is what marks the day as done. */
async function nightly(db: Database, { now }: Tick, work: () => Promise<unknown>): Promise<void> {
  const last = await lastReconciliation(db);
  const isDue = last === undefined || now.getTime() - last.startedAt.getTime() >= NIGHTLY_EVERY_MS;
  if (isDue) await work();
}
