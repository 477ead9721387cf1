import type Stripe from "stripe";
import { logger } from "@/lib/logger";
import type { BillingDeps } from "../deps";
import { eventEnvelope } from "./event-envelope";
import { HANDLED_EVENT_TYPES } from "./process-event";
import { handleStored } from "./receive-event";
import { storeEvent } from "./store-event";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The past is listed in windows of this length, because a list begins with its newest. */
const WINDOW_MS = 6 * HOUR_MS;

/**
 * Self-healing, daily: lists Stripe's events of the last days, of the types we handle, and feeds
 * those that never arrived to the inbox, oldest first. Stripe keeps events for 30 days. One event that
 * can't be fed holds up none of the others.
 *
 * Lists are rendered at the account's API version and not at the endpoint's, so what is fed is
 * handled whatever its version. `until`: no further event is begun after this instant; `complete` is
 * false then, and the next call finds the rest.
 */
export async function backfillEvents(
  billing: BillingDeps,
  options: { days?: number; until?: Date } = {},
): Promise<{ fed: number; complete: boolean }> {
  const endMs = billing.clock().getTime() + 1_000;
  const isOver = () => options.until !== undefined && billing.clock() >= options.until;
  let fed = 0;
  for (let fromMs = endMs - (options.days ?? 4) * DAY_MS; fromMs < endMs; fromMs += WINDOW_MS) {
    const window = { fromMs, toMs: Math.min(fromMs + WINDOW_MS, endMs) };
    for (const event of await listOldestFirst(billing, window)) {
      if (isOver()) return { fed, complete: false };
      if (await feed(billing, event)) fed += 1;
    }
  }
  return { fed, complete: true };
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

/** Answers whether the event had never arrived. */
async function feed(billing: BillingDeps, payload: Stripe.Event): Promise<boolean> {
  try {
    const event = eventEnvelope.parse(payload);
    const { isNew, stored } = await storeEvent(billing, { event, payload, anyVersion: true });
    if (isNew) await handleStored(billing, stored);
    return isNew;
  } catch (error) {
    logger.error({ eventId: payload.id, err: error }, "a missed event could not be fed");
    return false;
  }
}
