import type { BillingDeps } from "../../deps";
import { type Effect, handled, ignored, nothing } from "../../effect";
import { resolveUser } from "../../owner";
import { idOf } from "../../stripe/stripe-ids";
import { planItemOf } from "../../subscriptions/live-subscriptions";
import { fetchSubscription, syncSubscription } from "../../subscriptions/sync-subscription";
import type { StoredEvent } from "../store-event";
import { objectIdOf } from "./object-id";

/**
 * `customer.subscription.*`: brings our copy up to date with what Stripe says now, whatever the event
 * told. A new period is no payment: nothing is granted here.
 */
export async function onSubscriptionChanged(
  billing: BillingDeps,
  event: StoredEvent,
): Promise<Effect> {
  const fetched = await fetchSubscription(billing, objectIdOf(event));
  const { subscription } = fetched;
  if (planItemOf(billing, subscription) === null) return nothing(ignored("no price of ours in it"));
  return async (tx) => {
    const owner = await resolveUser(tx, {
      customerId: idOf(subscription.customer),
      subscriptionId: subscription.id,
      claims: [subscription.metadata.userId],
    });
    if ("refused" in owner) return owner.refused;
    const { userId, deletedAt } = owner;
    const credits = await syncSubscription(tx, billing, { ...fetched, userId, deletedAt });
    return handled(`subscription is ${subscription.status}`, userId, credits);
  };
}
