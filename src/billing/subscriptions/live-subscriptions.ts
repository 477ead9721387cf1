import type Stripe from "stripe";
import type { BillingDeps } from "../deps";
import { isMissing } from "../stripe/ask-stripe";
import { instantOrNull } from "../stripe/stripe-ids";
import { isLive } from "./subscription-status";

/**
 * The customer's live subscriptions to plans of ours, as Stripe knows them now: our copy may be
 * waiting for an event. past_due, unpaid, paused and incomplete ones count. A customer who was
 * deleted has none.
 */
export async function listLiveSubscriptions(
  billing: BillingDeps,
  customerId: string,
): Promise<Stripe.Subscription[]> {
  const all = await listSubscriptions(billing, customerId);
  return all.filter((found) => isLive(found.status) && planItemOf(billing, found) !== null);
}

async function listSubscriptions({ stripe }: BillingDeps, customerId: string) {
  try {
    return await stripe.subscriptions
      .list({ customer: customerId, status: "all", limit: 100 })
      .autoPagingToArray({ limit: 1000 });
  } catch (error) {
    if (isMissing(error, "customer")) return [];
    throw error;
  }
}

/** The item of a subscription whose price is ours, with its price id; null if none is. */
export function planItemOf(billing: BillingDeps, subscription: Stripe.Subscription) {
  for (const line of subscription.items.data) {
    const item = billing.prices.itemOf(line.price.id);
    if (item?.kind === "subscription") return { item, priceId: line.price.id, line };
  }
  return null;
}

/**
 * When a subscription will end by itself, or null. The portal sets `cancel_at` and leaves
 * `cancel_at_period_end` false under flexible billing; older ways do the reverse: both are read.
 */
export function endAsked(subscription: Stripe.Subscription): Date | null {
  if (subscription.cancel_at !== null) return instantOrNull(subscription.cancel_at);
  if (!subscription.cancel_at_period_end) return null;
  return instantOrNull(subscription.items.data[0]?.current_period_end);
}
