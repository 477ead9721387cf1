import { and, asc, eq, inArray, lte } from "drizzle-orm";
import { outbox } from "@/db/schema";
import { logger } from "@/lib/logger";
import { isSpent, nextAttempt } from "./backoff";
import type { Billing } from "./context";
import { makeStripeCall } from "./make-stripe-call";
import { raiseAlert } from "./raise-alert";
import { stripeCall } from "./stripe-outbox";

/** How long one worker keeps a call to itself; longer than the client's time limit with its retries. */
const LEASE_MS = 2 * 60_000;

type OutboxRow = typeof outbox.$inferSelect;

export interface DeliverOptions {
  readonly limit?: number;
  /** Only the calls with these keys, due or not. */
  readonly keys?: readonly string[];
}

/**
 * Makes the calls to Stripe that are due. Any number of workers may run side by side: rows are
 * claimed in a short transaction with SKIP LOCKED, the calls are made outside of any. A failed call
 * is tried again with backoff and is dead after 8 attempts over 24 hours.
 */
export async function deliverStripeCalls(
  billing: Billing,
  options: DeliverOptions = {},
): Promise<{ done: number; failed: number }> {
  const rows = await claim(billing, options);
  const result = { done: 0, failed: 0 };
  for (const row of rows) {
    const made = await attempt(billing, row);
    result[made ? "done" : "failed"] += 1;
  }
  return result;
}

async function claim(billing: Billing, { limit = 20, keys }: DeliverOptions): Promise<OutboxRow[]> {
  if (keys?.length === 0) return [];
  const now = billing.clock();
  return billing.db.transaction(async (tx) => {
    const due = await tx
      .select({ id: outbox.id })
      .from(outbox)
      .where(
        and(
          eq(outbox.kind, "stripe"),
          eq(outbox.status, "pending"),
          lte(outbox.nextAttemptAt, now),
          keys === undefined ? undefined : inArray(outbox.idempotencyKey, [...keys]),
        ),
      )
      .orderBy(asc(outbox.nextAttemptAt))
      .limit(limit)
      .for("update", { skipLocked: true });
    if (due.length === 0) return [];
    return tx
      .update(outbox)
      .set({ nextAttemptAt: new Date(now.getTime() + LEASE_MS) })
      .where(
        inArray(
          outbox.id,
          due.map((row) => row.id),
        ),
      )
      .returning();
  });
}

async function attempt(billing: Billing, row: OutboxRow): Promise<boolean> {
  try {
    // Stripe keeps an error for its key, so each attempt has its own. One that a crash left uncounted
    // is made again under the same.
    const key = `${row.idempotencyKey}:${row.attempts}`;
    await makeStripeCall(billing, stripeCall.parse(row.payload), key);
    await billing.db
      .update(outbox)
      .set({
        status: "done",
        doneAt: billing.clock(),
        attempts: row.attempts + 1,
        lastError: null,
      })
      .where(eq(outbox.id, row.id));
    return true;
  } catch (error) {
    await recordFailure(billing, row, error);
    return false;
  }
}

async function recordFailure(billing: Billing, row: OutboxRow, error: unknown): Promise<void> {
  const now = billing.clock();
  const attempts = row.attempts + 1;
  const dead = isSpent({ attempts, firstAttemptAt: row.createdAt, now });
  await billing.db
    .update(outbox)
    .set({
      status: dead ? "dead" : "pending",
      attempts,
      lastError: error instanceof Error ? error.message : String(error),
      nextAttemptAt: nextAttempt(attempts, now),
    })
    .where(eq(outbox.id, row.id));
  logger.warn({ outboxId: row.id, attempts, err: error }, "a call to Stripe failed");
  if (dead) {
    await raiseAlert(billing, {
      key: `stripe-call:${row.id}`,
      subject: "A call to Stripe was given up after repeated errors",
      facts: { outboxId: row.id, key: row.idempotencyKey, userId: row.userId },
    });
  }
}
