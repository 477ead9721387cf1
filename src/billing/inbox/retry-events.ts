import { and, asc, lte, sql } from "drizzle-orm";
import { stripeEvent } from "@/db/schema";
import type { BillingDeps } from "../deps";
import { isOutage } from "../stripe/ask-stripe";
import { handleStored } from "./receive-event";
import { findEvent } from "./store-event";

const PAGE = 50;

/**
 * Our own retry of events that could not be handled, in the order they are due, beside Stripe's. Any
 * number may run side by side: of two at the same event one closes it, and the other keeps nothing. Goes
 * on until none is due, `until` has come (no further event is begun) or Stripe is away: then the others
 * would fare no better and wait for the next call.
 */
export async function retryEvents(
  billing: BillingDeps,
  options: { until?: Date } = {},
): Promise<{ handled: number; pending: number }> {
  const result = { handled: 0, pending: 0 };
  const startedAt = billing.clock();
  const tried = new Set<string>();
  let isAway = false;
  const onError = (error: unknown) => {
    isAway ||= isOutage(error);
  };
  for (let page = await listDue(billing, startedAt); page.length > 0; ) {
    for (const id of page) {
      if (isAway || (options.until !== undefined && billing.clock() >= options.until))
        return result;
      tried.add(id);
      const event = await findEvent(billing.db, id);
      const status = event === null ? "ignored" : await handleStored(billing, event, { onError });
      result[status === "pending" ? "pending" : "handled"] += 1;
    }
    // What failed is due later; what could not even be counted is still here, and is not tried twice.
    page = (await listDue(billing, startedAt)).filter((id) => !tried.has(id));
  }
  return result;
}

async function listDue(billing: BillingDeps, at: Date): Promise<string[]> {
  const due = await billing.db
    .select({ id: stripeEvent.id })
    .from(stripeEvent)
    // Written out, as the partial index is: a parameter would not match it.
    .where(and(sql`${stripeEvent.status} = 'pending'`, lte(stripeEvent.nextAttemptAt, at)))
    .orderBy(asc(stripeEvent.nextAttemptAt))
    .limit(PAGE);
  return due.map(({ id }) => id);
}
