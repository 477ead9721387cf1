import type { Billing } from "../context";
import { type Effect, handled, ignored, nothing } from "../effect";
import type { StoredEvent } from "../inbox";
import { planItemOf } from "../live-subscription";
import { resolveUser } from "../resolve-user";
import { idOf } from "../stripe-ids";
import { fetchSubscription, syncSubscription } from "../sync-subscription";
import { objectIdOf } from "./object-id";

/**
 * `customer.subscription.*`: brings our copy up to date with what Stripe says now, whatever the event
 * told. A new period is no payment: nothing is granted here.
 */
export async function onSubscriptionChanged(billing: Billing, event: StoredEvent): Promise<Effect> {
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
