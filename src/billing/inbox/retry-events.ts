import { and, asc, eq, lte, ne, sql } from "drizzle-orm";
import { stripeEvent } from "@/db/schema";
import { NotFound } from "@/lib/errors";
import type { BillingDeps } from "../deps";
import { isOutage } from "../stripe/call-stripe";
import { attemptEvent } from "./process-event";
import { findEvent, type InboxStatus } from "./store-event";

const PAGE_SIZE = 50;

/**
 * Retries pending events in due order, independently of Stripe's own retries. Stops when none is
 * due, at `until`, or at the first Stripe outage. Safe to run concurrently: if two workers handle
 * the same event, the loser finds it closed and rolls back.
 */
export async function retryEvents(
  billing: BillingDeps,
  options: { until?: Date } = {},
): Promise<{ handled: number; pending: number }> {
  const result = { handled: 0, pending: 0 };
  const startedAt = billing.clock();
  const tried = new Set<string>();
  let isStripeDown = false;
  const onError = (error: unknown) => {
    isStripeDown ||= isOutage(error);
  };
  for (let page = await listDue(billing, startedAt); page.length > 0; ) {
    for (const id of page) {
      const isTimeUp = options.until !== undefined && billing.clock() >= options.until;
      if (isStripeDown || isTimeUp) return result;
      tried.add(id);
      const event = await findEvent(billing.db, id);
      const status = event === null ? "ignored" : await attemptEvent(billing, event, { onError });
      result[status === "pending" ? "pending" : "handled"] += 1;
    }
    // A counted failure is due later. An uncounted one is still due and must not be tried twice.
    page = (await listDue(billing, startedAt)).filter((id) => !tried.has(id));
  }
  return result;
}

/**
 * Handles a dead, ignored or pending event now, at any API version, with a new count of attempts.
 * Leaves a handled event unchanged. The caller authorizes and audits the replay.
 * @throws NotFound
 */
export async function replayEvent(billing: BillingDeps, eventId: string): Promise<InboxStatus> {
  await billing.db
    .update(stripeEvent)
    .set({
      status: "pending",
      anyVersion: true,
      outcome: null,
      attempts: 0,
      firstAttemptAt: null,
      lastError: null,
      handledAt: null,
      nextAttemptAt: billing.clock(),
    })
    .where(and(eq(stripeEvent.id, eventId), ne(stripeEvent.status, "handled")));
  const event = await findEvent(billing.db, eventId);
  if (event === null) throw new NotFound("Stripe event");
  return attemptEvent(billing, event);
}

async function listDue(billing: BillingDeps, at: Date): Promise<string[]> {
  const due = await billing.db
    .select({ id: stripeEvent.id })
    .from(stripeEvent)
    // A literal, because a parameter would not match the partial index.
    .where(and(sql`${stripeEvent.status} = 'pending'`, lte(stripeEvent.nextAttemptAt, at)))
    .orderBy(asc(stripeEvent.nextAttemptAt))
    .limit(PAGE_SIZE);
  return due.map(({ id }) => id);
}
