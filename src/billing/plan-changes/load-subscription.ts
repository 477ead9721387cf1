import type Stripe from "stripe";
import { NotFound } from "@/lib/errors";
import type { BillingDeps } from "../deps";
import { PlanChangeUnavailable } from "../errors";
import { listSubscriptions, liveOf } from "../queries";
import { callStripe } from "../stripe/call-stripe";
import { planItemOf } from "../subscriptions/live-subscriptions";

/** A user's live subscription as Stripe has it now, and the item that carries the plan. */
export interface LoadedSubscription {
  readonly subscription: Stripe.Subscription;
  readonly plan: NonNullable<ReturnType<typeof planItemOf>>;
}

/**
 * Loads the user's live subscription from Stripe, with its schedule.
 * @throws NotFound without one, PlanChangeUnavailable at a price that is not ours, ServiceUnavailable
 */
export async function loadLiveSubscription(
  billing: BillingDeps,
  { userId }: { userId: string },
): Promise<LoadedSubscription> {
  const live = liveOf(await listSubscriptions(billing.db, { userId }));
  if (live === null) throw new NotFound("subscription");
  const subscription = await callStripe(() =>
    billing.stripe.subscriptions.retrieve(live.id, { expand: ["schedule"] }),
  );
  await billing.prices.resolve(subscription.items.data.map(({ price }) => price.id));
  const plan = planItemOf(billing, subscription);
  if (plan === null) throw new PlanChangeUnavailable();
  return { subscription, plan };
}
