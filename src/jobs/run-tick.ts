import { eq } from "drizzle-orm";
import { deliverAlerts } from "@/alerts/deliver-alerts";
import { watch } from "@/alerts/watch";
import { billingDeps } from "@/billing/deps";
import { backfillEvents } from "@/billing/inbox/backfill-events";
import { retryEvents } from "@/billing/inbox/retry-events";
import { runStripeCalls } from "@/billing/stripe/run-stripe-calls";
import { countMembers } from "@/billing/subscriptions/membership";
import type { Database } from "@/db/client";
import { configuredEmailProvider } from "@/emails/configured-provider";
import { deliverEmails } from "@/emails/deliver-emails";
import { expireCredits } from "@/ledger/distribution/expire";
import { distributionRun } from "@/ledger/distribution/schema";
import { countOutstanding } from "@/ledger/reports/outstanding";
import { rollUp, verifyRollUp } from "@/ledger/reports/roll-up";
import { runningFrom } from "@/lib/clock";
import { logger } from "@/lib/logger";
import { remindOfExpiry } from "@/notifications/remind-of-expiry";
import { nightly } from "./nightly";
import { runDistribution } from "./run-distribution";
import { runReconcile } from "./run-reconcile";
import { runRepair } from "./run-repair";

export interface Tick {
  readonly now: Date;
  /** Milliseconds of `performance.now()` before which the tick stops. */
  readonly deadlineMs: number;
}

/** No piece takes more than this part of the time that is left when it begins. */
const SHARE = 1 / 3;
/** What the watch found is told although the time was up; the host's limit leaves room for it. */
const SEND_ALERTS_MS = 10_000;

/**
 * The small work, every few minutes where the host allows it and once a day at least, when it is all
 * there is: so queues are worked until they are empty or the time is up. One piece that fails is
 * logged and does not keep the others from being done, and one that hangs takes a third of the time
 * that is left at most, but for the one call it waits for. `also`: pieces that the caller brings.
 * Answers which failed.
 */
export async function runTick(
  db: Database,
  tick: Tick,
  also: TickTasks = {},
): Promise<{ failed: string[] }> {
  const failed = new Set<string>();
  const clock = runningFrom(tick.now);
  const attempt = async (name: string, work: TickTask, deadlineMs: number) => {
    try {
      await work(db, { now: clock(), deadlineMs });
    } catch (error) {
      failed.add(name);
      logger.error({ err: error, piece: name }, "a piece of the tick failed");
    }
  };
  // The queues a second time, for what the first pass had to leave and what the rest has put there.
  for (const [name, work] of [pieces, also, queues].flatMap((some) => Object.entries(some))) {
    const left = tick.deadlineMs - performance.now();
    if (left <= 0) break;
    await attempt(name, work, performance.now() + left * SHARE);
  }
  // It judges what the others left undone, so it is last, and most needed when the time was up.
  await attempt("watch", (_, { now }) => watch(db, { now }), tick.deadlineMs);
  await deliverAlerts(db, { now: clock(), deadlineMs: performance.now() + SEND_ALERTS_MS });
  return { failed: [...failed] };
}

type TickTask = (db: Database, tick: Tick) => Promise<unknown>;
export type TickTasks = Readonly<Record<string, TickTask>>;

const queues: TickTasks = {
  "e-mails": (db, tick) => deliverEmails(db, { emailProvider: configuredEmailProvider(), ...tick }),
  "retry events": (_, tick) => retryEvents(billingDeps, { until: untilOf(tick) }),
  "calls to Stripe": (_, { deadlineMs }) => runStripeCalls(billingDeps, { deadlineMs }),
};

/** What needs only the database comes first: it can't be kept waiting by somebody else's service. */
const pieces: TickTasks = {
  "expired lots and lapsed holds": (db, { now, deadlineMs }) =>
    expireCredits(db, { runId: null, now, deadlineMs }),
  "unfinished distribution": finishDistribution,
  "daily sums of the ledger": rollUp,
  reminders: remindOfExpiry,
  ...queues,
  "events that never came": (db, tick) =>
    nightly(
      db,
      { name: "events that never came", now: tick.now },
      async () => (await backfillEvents(billingDeps, { until: untilOf(tick) })).complete,
    ),
  "missing schedules": (db, tick) =>
    nightly(
      db,
      { name: "missing schedules", now: tick.now },
      async () => (await runRepair(db, tick)).done,
    ),
  "outstanding credits": (db, { now }) =>
    nightly(db, { name: "outstanding credits", now }, async () => {
      await countOutstanding(db, now);
      return true;
    }),
  "paid members": (db, { now }) =>
    nightly(db, { name: "paid members", now }, async () => {
      await countMembers(db, now);
      return true;
    }),
  "proof of the daily sums": (db, { now }) =>
    nightly(db, { name: "proof of the daily sums", now }, async () => {
      await proveRollUp(db);
      return true;
    }),
  reconcile: (db, tick) =>
    nightly(
      db,
      { name: "reconcile", now: tick.now },
      async () => (await runReconcile(db, tick)).finishedAt !== null,
    ),
};

/** A piece's deadline as an instant of billing's clock, which has moved on since the tick began. */
function untilOf({ deadlineMs }: Tick): Date {
  const leftMs = Math.max(0, deadlineMs - performance.now());
  return new Date(billingDeps.clock().getTime() + leftMs);
}

async function finishDistribution(db: Database, tick: Tick): Promise<void> {
  const [unfinished] = await db
    .select({ id: distributionRun.id })
    .from(distributionRun)
    .where(eq(distributionRun.status, "running"))
    .limit(1);
  if (unfinished !== undefined) await runDistribution(db, tick);
}

/** Sums that were wrong are right again afterwards, so this needs nobody; but somebody booked into the past. */
async function proveRollUp(db: Database): Promise<void> {
  if (!(await verifyRollUp(db)))
    logger.warn("the ledger's daily sums did not agree with the accounts and were made anew");
}
