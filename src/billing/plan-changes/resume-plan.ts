import type { BillingDeps } from "../deps";
import { PlanChangeUnavailable } from "../errors";
import { getMembership } from "../queries";
import { callStripe, isRefused } from "../stripe/call-stripe";
import { idOf } from "../stripe/values";
import { OUR_COMMENT, scheduledEndOf } from "../subscriptions/live-subscriptions";
import { syncLiveSubscriptions } from "../subscriptions/refresh-subscriptions";
import { loadLiveSubscription } from "./load-subscription";

/**
 * Lets the user's subscription renew as it is: releases a scheduled switch and clears an end that is set.
 * Stripe's portal has no flow for either. Does nothing to a subscription that renews unchanged.
 * @throws NotFound without a subscription; PlanChangeUnavailable if we set the end, for a lifetime or a
 * dispute; ServiceUnavailable
 */
export async function resumePlan(
  billing: BillingDeps,
  { userId }: { userId: string },
): Promise<void> {
  const { stripe } = billing;
  const { subscription } = await loadLiveSubscription(billing, { userId });
  const { kind } = await getMembership(billing.db, { userId, at: billing.clock() });
  const comment = subscription.cancellation_details?.comment;
  if (kind === "lifetime" || comment?.startsWith(OUR_COMMENT)) throw new PlanChangeUnavailable();
  const schedule = idOf(subscription.schedule);
  try {
    if (schedule !== null) await callStripe(() => stripe.subscriptionSchedules.release(schedule));
    if (scheduledEndOf(subscription) !== null) {
      // The portal sets only the date, and Stripe takes only one of the two.
      const change = subscription.cancel_at_period_end
        ? ({ cancel_at_period_end: false } as const)
        : ({ cancel_at: "" } as const);
      await callStripe(() => stripe.subscriptions.update(subscription.id, change));
    }
  } catch (error) {
    if (isRefused(error)) throw new PlanChangeUnavailable({ cause: error });
    throw error;
  }
  await syncLiveSubscriptions(billing, userId);
}
