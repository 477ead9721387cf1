import { nextPeriodEnd } from "../clock";
import { rowOf } from "../http/fault";
import { planOf } from "../objects/product";
import type { Simulation } from "../simulation";
import type { StoredInvoice, StoredSubscription } from "../tables";
import { DRAFT_SECONDS, discountsInForce, draftInvoice, periodLine } from "./bill-subscription";
import { changeSubscription, planItem } from "./change-subscription";
import { collectInvoice, finalizeInvoice, subscriptionOf, voidInvoice } from "./collect-invoice";

/**
 * A period is over: the next one begins at once, its invoice is a draft for about an hour, and
 * only then is it charged. So the new period arrives before the money does.
 */
export function renewSubscription(sim: Simulation, subscription: StoredSubscription): void {
  const ended = planItem(subscription);
  const period = { start: ended.current_period_start, end: ended.current_period_end };
  const { items, anchor } = nextItems(sim, subscription, period.end);
  const renewed = { ...subscription, items };
  const discountIds = discountsInForce(sim, subscription, period.end);
  const invoice = draftInvoice(sim, subscription, {
    billingReason: "subscription_cycle",
    lines: items.data.map((item) => periodLine(sim, renewed, item, { discountIds, trial: false })),
    period,
    finalizesAt: Math.max(sim.nowSeconds(), period.end) + DRAFT_SECONDS,
  });
  sim.emit("invoice.created", invoice);
  changeSubscription(sim, subscription, {
    items,
    billing_cycle_anchor: anchor,
    latest_invoice: invoice.id,
    schedule: null,
    status: subscription.status === "trialing" ? "active" : subscription.status,
  });
}

/** The draft's hour is over: finalize and charge, unless collection is paused. */
export function advanceInvoice(sim: Simulation, invoice: StoredInvoice): void {
  const behavior = subscriptionOf(sim, invoice).pause_collection?.behavior;
  if (behavior === "keep_as_draft") {
    invoice.auto_advance = false;
    invoice.automatically_finalizes_at = null;
    sim.emit("invoice.updated", invoice, { auto_advance: true });
    return;
  }
  finalizeInvoice(sim, invoice);
  if (behavior === "void") {
    voidInvoice(sim, invoice);
  } else if (behavior === "mark_uncollectible") {
    invoice.status = "uncollectible";
    invoice.auto_advance = false;
    invoice.status_transitions.marked_uncollectible_at = sim.nowSeconds();
    sim.emit("invoice.marked_uncollectible", invoice);
  } else {
    collectInvoice(sim, invoice);
  }
}

/** 23 hours without a first payment: the subscription never was. */
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

/** The items in their next period, on the price they were planned to change to. */
function nextItems(sim: Simulation, subscription: StoredSubscription, start: number) {
  const plannedPrice = sim.tables.plannedSwitches.get(subscription.id);
  sim.tables.plannedSwitches.delete(subscription.id);
  const planned =
    plannedPrice === undefined ? null : rowOf(sim.tables.prices, "price", plannedPrice);
  const anchor = planned ? start : subscription.billing_cycle_anchor;
  const data = subscription.items.data.map((item) => {
    const price = planned ?? item.price;
    const recurring = price.recurring ?? { interval: "month", interval_count: 1 };
    return {
      ...item,
      price,
      plan: planned ? planOf(planned) : item.plan,
      current_period_start: start,
      current_period_end: nextPeriodEnd(anchor, start, recurring),
    };
  });
  return { items: { ...subscription.items, data }, anchor };
}
