import { alertChannels } from "@/alerts/configured-channels";
import { deliverAlerts } from "@/alerts/deliver-alerts";
import { announceRenewals } from "@/billing/consumer-rights/renewal-notices";
import { billingDeps } from "@/billing/deps";
import { backfillEvents } from "@/billing/inbox/backfill-events";
import { retryEvents } from "@/billing/inbox/retry-events";
import { trimEvents } from "@/billing/inbox/trim-events";
import { enqueuePriceChanges } from "@/billing/price-changes/apply-price-change";
import { runStripeCalls } from "@/billing/stripe/run-stripe-calls";
import { countMembers } from "@/billing/subscriptions/membership";
import type { Database } from "@/db/client";
import { lockUser } from "@/db/lock-user";
import { configuredEmailProvider } from "@/emails/configured-provider";
import { deliverEmails } from "@/emails/deliver-emails";
import { distributeCredits, needsDistribution } from "@/ledger/distribution/distribute";
import { expireCredits } from "@/ledger/distribution/expire";
import { reconcileBooks } from "@/ledger/reconcile";
import { countLots } from "@/ledger/reports/breakage";
import { countOutstanding } from "@/ledger/reports/outstanding";
import { rollUp, verifyRollUp } from "@/ledger/reports/roll-up";
import { repairSchedules } from "@/ledger/schedules";
import { runningFrom } from "@/lib/clock";
import { logger } from "@/lib/logger";
import { remindOfExpiry } from "@/notifications/remind-of-expiry";
import { pruneAttempts } from "@/rate-limit/rate-limit";
import { provideFreeCredits } from "@/rewards/free-credits";
import { freeCreditsPolicy } from "@/rewards/free-credits-policy";
import { recordOpenAccounts } from "@/rewards/record-open-accounts";
import { deliverWebhooks } from "@/webhooks/deliver-webhooks";
import { webhookSettings } from "@/webhooks/settings";
import { drainAllSignals } from "./drain-signals";
import { raiseFindings } from "./findings";
import { nightly } from "./nightly";
import {
  deleteExpiredSessions,
  deleteExpiredVerifications,
  pruneAdminAccess,
  pruneFreeCreditClaims,
  pruneOldSignals,
  pruneSignInEvents,
  pruneWithdrawals,
  trimOutbox,
} from "./retention";
import { watch } from "./watch";

export interface Tick {
  readonly now: Date;
  /** Milliseconds of `performance.now()` before which the tick stops. */
  readonly deadlineMs: number;
}

export interface TickTask {
  readonly name: string;
  readonly run: (db: Database, tick: Tick) => Promise<unknown>;
}

/** No task takes more than this share of the time remaining when it starts. */
const MAX_SHARE = 1 / 3;
/** Alerts are sent even after the deadline; the host's limit leaves room for it. */
const DELIVER_ALERTS_MS = 10_000;

/**
 * Runs all recurring work: every few minutes where the host allows it, otherwise once a day as part
 * of the daily run. Queues are therefore drained completely. Safe to run concurrently.
 *
 * A task that fails is logged and does not stop the others. A task that hangs takes at most a third
 * of the remaining time, plus the call it waits for. Returns the names of the tasks that failed.
 */
export async function runTick(db: Database, tick: Tick): Promise<{ failed: string[] }> {
  const clock = runningFrom(tick.now);
  // The queues run again for entries that the first pass left or that other tasks added.
  const failed = new Set(await runTasks(db, tick, [...tasks, ...queueTasks]));
  // The watch runs last, because it reports what the tasks did not finish, and even after the deadline.
  const watched = await attempt(db, watchTask, { now: clock(), deadlineMs: tick.deadlineMs });
  if (!watched) failed.add(watchTask.name);
  await deliverAlerts(db, { now: clock(), deadlineMs: performance.now() + DELIVER_ALERTS_MS });
  return { failed: [...failed] };
}

/**
 * Runs the tasks in order until the deadline. Each gets the time at which it starts and its share of
 * the remaining time. Returns the names of those that failed.
 */
export async function runTasks(
  db: Database,
  { now, deadlineMs }: Tick,
  tasks: readonly TickTask[],
): Promise<string[]> {
  const failed: string[] = [];
  const clock = runningFrom(now);
  for (const task of tasks) {
    const startMs = performance.now();
    const remainingMs = deadlineMs - startMs;
    if (remainingMs <= 0) break;
    const share = { now: clock(), deadlineMs: startMs + remainingMs * MAX_SHARE };
    if (!(await attempt(db, task, share))) failed.push(task.name);
  }
  return failed;
}

async function attempt(db: Database, { name, run }: TickTask, tick: Tick): Promise<boolean> {
  try {
    await run(db, tick);
    return true;
  } catch (error) {
    logger.error({ err: error, task: name }, "tick task failed");
    return false;
  }
}

const watchTask: TickTask = { name: "watch", run: (db, { now }) => watch(db, { now }) };

const queueTasks: readonly TickTask[] = [
  {
    name: "emails",
    run: (db, tick) => deliverEmails(db, { emailProvider: configuredEmailProvider(), ...tick }),
  },
  {
    name: "retry events",
    run: (_db, tick) => retryEvents(billingDeps, { until: deadlineOf(tick) }),
  },
  {
    name: "Stripe calls",
    run: (_db, { deadlineMs }) => runStripeCalls(billingDeps, { deadlineMs }),
  },
  {
    name: "webhooks",
    run: (db, tick) => deliverWebhooks(db, { settings: webhookSettings, alertChannels, ...tick }),
  },
];

/** A task that runs once a night. `run` returns whether it finished. Never change a stored `name`. */
function nightlyTask(name: string, run: (db: Database, tick: Tick) => Promise<boolean>): TickTask {
  return { name, run: (db, tick) => nightly(db, { name, now: tick.now }, () => run(db, tick)) };
}

/** Tasks that need only the database come first, so that no other service delays them. */
const tasks: readonly TickTask[] = [
  {
    name: "expired lots and lapsed holds",
    run: (db, tick) => expireCredits(db, { runId: null, ...tick }),
  },
  // After the expiries, which append signals, and before the queues, which deliver what they cause.
  { name: "signals", run: drainAllSignals },
  { name: "ledger roll-up", run: rollUp },
  { name: "reminders", run: remindOfExpiry },
  { name: "price changes", run: (db, { now }) => enqueuePriceChanges(db, now) },
  { name: "old rate limits", run: (db, { now }) => pruneAttempts(db, { now }) },
  ...queueTasks,
  {
    name: "renewal notices",
    run: (_db, tick) => announceRenewals(billingDeps, { now: tick.now, until: deadlineOf(tick) }),
  },
  nightlyTask("event backfill", async (_db, tick) => {
    const { complete } = await backfillEvents(billingDeps, { until: deadlineOf(tick) });
    return complete;
  }),
  // After a restore, the backfill brings back the purchases that decide who gets a free month.
  { name: "distribution", run: distributeDue },
  nightlyTask("old events", trimEvents),
  nightlyTask("old outbox entries", trimOutbox),
  nightlyTask("old signals", pruneOldSignals),
  nightlyTask("expired sessions", deleteExpiredSessions),
  nightlyTask("expired verifications", deleteExpiredVerifications),
  nightlyTask("old sign-ins", pruneSignInEvents),
  nightlyTask("old sign-ins of admins", pruneAdminAccess),
  nightlyTask("old free credit claims", pruneFreeCreditClaims),
  nightlyTask("old withdrawals", pruneWithdrawals),
  nightlyTask("missing free credit claims", (db, { deadlineMs }) =>
    recordOpenAccounts(db, { policy: freeCreditsPolicy, deadlineMs }),
  ),
  nightlyTask("missing schedules", repairMissingSchedules),
  nightlyTask("outstanding credits", async (db, { now }) => {
    await countOutstanding(db, now);
    return true;
  }),
  nightlyTask("paid members", async (db, { now }) => {
    await countMembers(db, now);
    return true;
  }),
  nightlyTask("granted lots", async (db, { now }) => {
    await countLots(db, now);
    return true;
  }),
  nightlyTask("roll-up check", async (db) => {
    if (!(await verifyRollUp(db))) logger.warn("ledger roll-up was wrong and has been rebuilt");
    return true;
  }),
  nightlyTask("reconcile", reconcile),
];

/** Finishes an unfinished run. Starts one if anything is due, so that nobody waits for the daily run. */
async function distributeDue(db: Database, tick: Tick): Promise<void> {
  if (!(await needsDistribution(db, tick))) return;
  const run = await distributeCredits(db, tick);
  logger.info({ run }, "distribution");
}

async function repairMissingSchedules(db: Database, tick: Tick): Promise<boolean> {
  const { done, repairedCount, failedUsers } = await repairSchedules(db, {
    openAccount: (userId) => openInterruptedAccount(db, { userId, now: tick.now }),
    deadlineMs: tick.deadlineMs,
  });
  if (repairedCount > 0) logger.warn({ users: repairedCount }, "repaired missing schedules");
  if (failedUsers.length > 0) {
    const users = failedUsers.length;
    logger.error({ users, firstUser: failedUsers[0] }, "could not repair missing schedules");
  }
  return done;
}

async function openInterruptedAccount(
  db: Database,
  { userId, now }: { userId: string; now: Date },
): Promise<void> {
  await db.transaction(async (tx) => {
    const person = await lockUser(tx, userId);
    if (person === null || person.deletedAt !== null) return;
    await provideFreeCredits(tx, { person, networkAddress: null, policy: freeCreditsPolicy, now });
  });
}

async function reconcile(db: Database, tick: Tick): Promise<boolean> {
  const { id, usersChecked, driftedUsers, finishedAt } = await reconcileBooks(db, tick);
  const isFinished = finishedAt !== null;
  const drifted = driftedUsers.length;
  logger.info({ reconciliationId: id, usersChecked, drifted, isFinished }, "reconciliation");
  // The watch reports finished reconciliations only.
  if (!isFinished) await raiseFindings(db, { now: tick.now, stoppedReconciliationId: id });
  return isFinished;
}

/** The deadline as an instant of billing's clock. */
function deadlineOf({ deadlineMs }: Tick): Date {
  const remainingMs = Math.max(0, deadlineMs - performance.now());
  return new Date(billingDeps.clock().getTime() + remainingMs);
}
