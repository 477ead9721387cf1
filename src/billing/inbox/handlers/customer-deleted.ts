import { eq } from "drizzle-orm";
import { subscription } from "@/db/schema";
import type { BillingDeps } from "../../deps";
import { type CreditWrite, type Effect, handled, ignored, nothing } from "../../effect";
import { lockOwner } from "../../lock-owner";
import {
  type FetchedSubscription,
  fetchSubscription,
  syncSubscription,
} from "../../subscriptions/sync-subscription";
import type { StoredEvent } from "../store-event";
import { objectIdOf } from "./object-id";

/**
 * `customer.deleted`: Stripe has ended the customer's subscriptions; whatever their own events do,
 * access ends here too. The stored id stays: later events about the customer still find their user,
 * and the next purchase makes a new customer in its place.
 */
export async function onCustomerDeleted(billing: BillingDeps, event: StoredEvent): Promise<Effect> {
  const customerId = objectIdOf(event);
  const known = await billing.db
    .select({ id: subscription.id, userId: subscription.userId })
    .from(subscription)
    .where(eq(subscription.customerId, customerId));
  const fetched: (FetchedSubscription & { userId: string })[] = [];
  for (const { id, userId } of known) {
    fetched.push({ ...(await fetchSubscription(billing, id)), userId });
  }
  const owner = fetched[0]?.userId;
  if (owner === undefined) return nothing(ignored("a customer without a subscription of ours"));
  return async (tx) => {
    const credits: CreditWrite[] = [];
    for (const each of fetched) {
      const deletedAt = await lockOwner(tx, each.userId);
      credits.push(...(await syncSubscription(tx, billing, { ...each, deletedAt })));
    }
    return handled("customer deleted, access ended", owner, credits);
  };
}
