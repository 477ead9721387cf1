import { millisecondsInDay, millisecondsInHour } from "date-fns/constants";
import type Stripe from "stripe";
import { logger } from "@/lib/logger";
import type { BillingDeps } from "../deps";
import { attemptEvent, HANDLED_EVENT_TYPES } from "./process-event";
import { storeEvent } from "./store-event";
import { eventEnvelope } from "./verify-webhook";

/** Stripe lists newest first, so events are listed in windows to handle the oldest first. */
const WINDOW_MS = 6 * millisecondsInHour;

/**
 * Lists Stripe's events of the last days and handles those that never arrived, oldest first. Runs
 * daily; Stripe keeps events for 30 days. One event that fails does not stop the others.
 *
 * Lists use the account's API version instead of the endpoint's, so any version is accepted.
 * `until`: no event is started after this instant. `complete` is then false, and the next call
 * handles the remaining events.
 */
export async function backfillEvents(
  billing: BillingDeps,
  options: { days?: number; until?: Date } = {},
): Promise<{ backfilled: number; complete: boolean }> {
  const endMs = billing.clock().getTime() + 1_000;
  const startMs = endMs - (options.days ?? 4) * millisecondsInDay;
  const isTimeUp = () => options.until !== undefined && billing.clock() >= options.until;
  let backfilled = 0;
  for (let fromMs = startMs; fromMs < endMs; fromMs += WINDOW_MS) {
    const window = { fromMs, toMs: Math.min(fromMs + WINDOW_MS, endMs) };
    for (const event of await listOldestFirst(billing, window)) {
      if (isTimeUp()) return { backfilled, complete: false };
      if (await backfillEvent(billing, event)) backfilled += 1;
    }
  }
  return { backfilled, complete: true };
}

async function listOldestFirst(
  { stripe }: BillingDeps,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<Stripe.Event[]> {
  const created = { gte: Math.floor(fromMs / 1000), lt: Math.floor(toMs / 1000) };
  const newestFirst = await stripe.events
    .list({ types: [...HANDLED_EVENT_TYPES], created, limit: 100 })
    .autoPagingToArray({ limit: 10_000 });
  return newestFirst.reverse();
}

/** Returns whether the event was missing. */
async function backfillEvent(billing: BillingDeps, payload: Stripe.Event): Promise<boolean> {
  try {
    const event = eventEnvelope.parse(payload);
    const { isNew, stored } = await storeEvent(billing, { event, payload, anyVersion: true });
    if (isNew) await attemptEvent(billing, stored);
    return isNew;
  } catch (error) {
    logger.error({ eventId: payload.id, err: error }, "Stripe event could not be backfilled");
    return false;
  }
}
