import { inArray } from "drizzle-orm";
import { enqueueAlert } from "@/alerts/alert";
import type { Transaction } from "@/db/client";
import { outbox } from "@/db/schema";
import { logger } from "@/lib/logger";
import { dayName } from "@/lib/utc-period";
import { type OutboxRow, type Worked, workOutbox } from "@/outbox/drain-entries";
import type { BillingDeps } from "../deps";
import { isSpent, nextAttempt } from "../inbox/backoff";
import { isOutage } from "./ask-stripe";
import { makeStripeCall } from "./run-stripe-calls";
import { stripeCall } from "./stripe-calls";

/** How long one worker keeps a call to itself; longer than the client's time limit with its retries. */
const LEASE_MS = 3 * 60_000;
/** What a request that has been answered may still spend; the job makes the rest. */
export const CALLS_AFTER_A_REQUEST_MS = 60_000;

export interface DeliverOptions {
  /** Only the calls with these keys. */
  readonly keys?: readonly string[];
  /** Milliseconds of `performance.now()` after which no further call is begun. */
  readonly deadlineMs?: number;
}

/**
 * Makes the calls to Stripe that are due, until none is left, the time is up or Stripe is away. Any
 * number of workers may run side by side. A failed call is tried again with backoff and is dead after
 * 8 attempts over 24 hours.
 */
export async function deliverStripeCalls(
  billing: BillingDeps,
  options: DeliverOptions = {},
): Promise<Worked> {
  const { keys, deadlineMs = performance.now() + CALLS_AFTER_A_REQUEST_MS } = options;
  if (keys?.length === 0) return { done: 0, failed: 0 };
  const work = {
    kind: "stripe" as const,
    only: keys === undefined ? undefined : inArray(outbox.idempotencyKey, [...keys]),
    leaseMs: LEASE_MS,
    deliver: (row: OutboxRow) => call(billing, row),
    nextAttempt: (row: OutboxRow, now: Date) => nextCallAttempt(row, now),
    isOutage,
    onDead: (tx: Transaction, row: OutboxRow) => alertOfDeadCall(tx, billing, row),
  };
  return workOutbox(billing.db, work, { now: billing.clock(), deadlineMs });
}

/**
 * Stripe keeps an error for its key, so each attempt has its own. One that a crash left uncounted is
 * made again under the same.
 */
async function call(billing: BillingDeps, { idempotencyKey, attempts, payload }: OutboxRow) {
  await makeStripeCall(billing, stripeCall.parse(payload), `${idempotencyKey}:${attempts}`);
}

function nextCallAttempt({ attempts, createdAt }: OutboxRow, now: Date): Date | null {
  if (isSpent({ attempts, firstAttemptAt: createdAt, now })) return null;
  return nextAttempt(attempts, now);
}

/** Once a day per call: one that fails again after an admin's retry raises another alert. */
async function alertOfDeadCall(
  tx: Transaction,
  billing: BillingDeps,
  { id, idempotencyKey, userId }: OutboxRow,
): Promise<void> {
  const now = billing.clock();
  const alert = {
    key: `stripe-call:${id}:${dayName(now)}`,
    subject: "A Stripe call was dead-lettered after repeated errors",
    facts: { outboxId: id, key: idempotencyKey, userId },
    now,
  };
  logger.error({ alert: alert.key, ...alert.facts }, alert.subject);
  await enqueueAlert(tx, alert, billing.alertChannels);
}
