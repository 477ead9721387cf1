import type Stripe from "stripe";
import { nextPeriodEnd } from "../clock";
import { invalid } from "../http/fault";
import type { Simulation } from "../simulation";
import type { StoredInvoice, StoredSubscription } from "../tables";
import { closeSchedule, scheduleOf } from "./close-schedule";

/** Applies the changes and emits `customer.subscription.updated` with the previous attributes. */
export function changeSubscription(
  sim: Simulation,
  subscription: StoredSubscription,
  changes: Partial<StoredSubscription>,
): void {
  const wanted: Record<string, unknown> = { ...changes };
  const previous = Object.entries(subscription).filter(
    ([key, value]) => key in wanted && JSON.stringify(value) !== JSON.stringify(wanted[key]),
  );
  if (previous.length === 0) {
    return;
  }
  Object.assign(subscription, changes);
  sim.emit("customer.subscription.updated", subscription, Object.fromEntries(previous));
}

/** The item that carries the plan: the first. Others are add-ons. */
export function planItem(subscription: StoredSubscription): Stripe.SubscriptionItem {
  const [item] = subscription.items.data;
  if (!item) {
    throw invalid(`Subscription ${subscription.id} has no items`);
  }
  return item;
}

/** The item in the period that begins at `start`. Periods are counted from `anchor`. */
export function inPeriod(
  item: Stripe.SubscriptionItem,
  { start, anchor }: { start: number; anchor: number },
): Stripe.SubscriptionItem {
  const end = nextPeriodEnd(anchor, start, item.price);
  return { ...item, current_period_start: start, current_period_end: end };
}

export function isOver(subscription: StoredSubscription): boolean {
  return subscription.status === "canceled" || subscription.status === "incomplete_expired";
}

type Reason = Stripe.Subscription.CancellationDetails.Reason;

/** Ends the subscription now, without a refund and without further charges. */
export function endSubscription(
  sim: Simulation,
  subscription: StoredSubscription,
  reason: Reason,
  comment: string | null = null,
): void {
  const now = sim.nowSeconds();
  const schedule = scheduleOf(sim, subscription);
  if (schedule !== null) closeSchedule(sim, schedule, "canceled");
  subscription.status = "canceled";
  subscription.ended_at = now;
  subscription.canceled_at ??= now;
  subscription.schedule = null;
  subscription.cancellation_details = cancellationDetails(
    subscription.cancellation_details?.reason ?? reason,
    comment ?? subscription.cancellation_details?.comment ?? null,
  );
  stopCollectingFrom(sim, subscription);
  sim.emit("customer.subscription.deleted", subscription);
}

/** Cancels at the end of the paid period. The portal and the API set different fields. */
export function cancelAtPeriodEnd(
  sim: Simulation,
  subscription: StoredSubscription,
  via: "portal" | "api",
  comment: string | null = null,
): void {
  changeSubscription(sim, subscription, {
    cancel_at: planItem(subscription).current_period_end,
    // With flexible billing the portal only sets the date (see Stripe's guide to billing modes).
    cancel_at_period_end: via === "api",
    canceled_at: sim.nowSeconds(),
    cancellation_details: cancellationDetails("cancellation_requested", comment),
  });
}

export function resumeSubscription(sim: Simulation, subscription: StoredSubscription): void {
  changeSubscription(sim, subscription, {
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    cancellation_details: cancellationDetails(null),
  });
}

/** Why a subscription ends or ended. Only the API sets the comment. */
function cancellationDetails(
  reason: Reason | null,
  comment: string | null = null,
): Stripe.Subscription.CancellationDetails {
  return { comment, feedback: null, feedback_option: null, reason };
}

export function stopCollecting(invoice: StoredInvoice): void {
  invoice.auto_advance = false;
  invoice.next_payment_attempt = null;
}

/** Stripe stops collecting finalized invoices only. A draft is finalized and charged as before. */
function stopCollectingFrom(sim: Simulation, subscription: StoredSubscription): void {
  for (const invoice of sim.tables.invoices.values()) {
    const parent = invoice.parent?.subscription_details?.subscription;
    if (parent === subscription.id && invoice.status === "open") {
      stopCollecting(invoice);
    }
  }
}
