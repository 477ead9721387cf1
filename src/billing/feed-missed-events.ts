import type { Billing } from "./context";
import { eventEnvelope } from "./event-envelope";
import { storeEvent } from "./inbox";
import { HANDLED_EVENT_TYPES } from "./process-event";
import { handleStored } from "./receive-event";

const DAY_MS = 24 * 3_600_000;

/**
 * Self-healing, daily: lists Stripe's events of the last days, of the types we handle, and feeds
 * those that never arrived to the inbox, oldest first. Stripe keeps events for 30 days. `complete` is
 * false when `until` came first; the next call finds the rest.
 */
export async function feedMissedEvents(
  billing: Billing,
  options: { days?: number; until?: Date } = {},
): Promise<{ fed: number; complete: boolean }> {
  const sinceMs = billing.clock().getTime() - (options.days ?? 4) * DAY_MS;
  const events = await billing.stripe.events
    .list({
      types: [...HANDLED_EVENT_TYPES],
      created: { gte: Math.floor(sinceMs / 1000) },
      limit: 100,
    })
    .autoPagingToArray({ limit: 10_000 });
  let fed = 0;
  for (const payload of events.reverse()) {
    if (options.until !== undefined && billing.clock() >= options.until) {
      return { fed, complete: false };
    }
    const event = eventEnvelope.parse(payload);
    const { isNew, stored } = await storeEvent(billing, { event, payload });
    if (!isNew) continue;
    await handleStored(billing, stored);
    fed += 1;
  }
  return { fed, complete: true };
}
