import type Stripe from "stripe";
import { planOf } from "../objects/product";
import type { Simulation } from "../simulation";
import type { StoredInvoice, StoredSubscription } from "../tables";
import { DRAFT_SECONDS, draftInvoice, periodLine } from "./bill-subscription";
import { changeSubscription, inPeriod, planItem } from "./change-subscription";
import { collectInvoice, finalizeInvoice, subscriptionOf, voidInvoice } from "./collect-invoice";
import { advanceSchedule, nextPhaseOf, priceIdOf } from "./schedule-phases";

/**
 * Ends a period: the next one begins at once, its invoice stays a draft for about an hour and is
 * charged then. So the new period is visible before it is paid.
 */
export function renewSubscription(sim: Simulation, subscription: StoredSubscription): void {
  const ended = planItem(subscription);
  const period = { start: ended.current_period_start, end: ended.current_period_end };
  const { item, anchor } = nextItem(sim, subscription, ended);
  const [, ...addOns] = subscription.items.data;
  const items = [item, ...addOns.map((addOn) => inPeriod(addOn, periodOf(item, anchor)))];
  const invoice = draftInvoice(sim, subscription, {
    billingReason: "subscription_cycle",
    lines: items.map((billed) => periodLine(sim, subscription, billed)),
    period,
    finalizesAt: Math.max(sim.nowSeconds(), period.end) + DRAFT_SECONDS,
  });
  sim.emit("invoice.created", invoice);
  advanceSchedule(sim, subscription, period.end);
  changeSubscription(sim, subscription, {
    items: { ...subscription.items, data: items },
    billing_cycle_anchor: anchor,
    latest_invoice: invoice.id,
    status: subscription.status === "trialing" ? "active" : subscription.status,
  });
}

/** Ends the draft's hour: finalizes and charges the invoice, or voids it while collection is paused. */
export function advanceInvoice(sim: Simulation, invoice: StoredInvoice): void {
  finalizeInvoice(sim, invoice);
  if (subscriptionOf(sim, invoice).pause_collection) {
    voidInvoice(sim, invoice);
  } else {
    collectInvoice(sim, invoice);
  }
}

/** Expires a subscription whose first payment did not succeed within 23 hours. */
export function expireIncomplete(sim: Simulation, subscription: StoredSubscription): void {
  changeSubscription(sim, subscription, {
    status: "incomplete_expired",
    ended_at: sim.nowSeconds(),
  });
  const invoice = sim.tables.invoices.get(subscription.latest_invoice ?? "");
  if (invoice?.status === "open") {
    voidInvoice(sim, invoice);
  }
}

function periodOf(item: Stripe.SubscriptionItem, anchor: number) {
  return { start: item.current_period_start, anchor };
}

/** The item in its next period, at the price and quantity scheduled for it. */
export function nextItem(
  sim: Simulation,
  subscription: StoredSubscription,
  item: Stripe.SubscriptionItem,
) {
  const [planned] = nextPhaseOf(sim, subscription)?.items ?? [];
  const price = sim.tables.prices.get(planned ? priceIdOf(planned) : "") ?? item.price;
  const quantity = planned?.quantity ?? item.quantity ?? 1;
  const start = item.current_period_end;
  const isSameInterval = price.recurring?.interval === item.price.recurring?.interval;
  const anchor = isSameInterval ? subscription.billing_cycle_anchor : start;
  const next = { ...item, price, plan: planOf(price), quantity };
  return { item: inPeriod(next, { start, anchor }), anchor };
}
