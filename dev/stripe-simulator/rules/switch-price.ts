import type Stripe from "stripe";
import { nextPeriodEnd } from "../clock";
import { newId } from "../ids";
import { newInvoiceLine } from "../objects/invoice";
import { planOf } from "../objects/product";
import type { Simulation } from "../simulation";
import type { StoredPrice, StoredSubscription } from "../tables";
import { discountsInForce, draftInvoice, periodLine, productName } from "./bill-subscription";
import { changeSubscription, planItem } from "./change-subscription";
import { collectInvoice, finalizeInvoice } from "./collect-invoice";

export interface PriceSwitch {
  price: StoredPrice;
  quantity: number;
  proration: "always_invoice" | "create_prorations" | "none";
}

/**
 * Changes price or quantity now. Another interval starts a new period and is invoiced at once:
 * unused time comes back as a negative proration line, the new period is an ordinary line. Within
 * the same interval both are prorations (https://docs.stripe.com/billing/subscriptions/prorations).
 */
export function switchPrice(
  sim: Simulation,
  subscription: StoredSubscription,
  change: PriceSwitch,
): void {
  const now = sim.nowSeconds();
  const item = planItem(subscription);
  const newPeriod = !sameInterval(item.price, change.price);
  const switched = switchedItem(item, change, newPeriod ? now : null);
  const prorated = change.proration !== "none" && subscription.status !== "trialing";
  const lines = prorated ? [unusedTime(sim, subscription, item, now)] : [];
  if (prorated && !newPeriod) {
    lines.push(remainingTime(sim, subscription, switched, now));
  }
  const period = { start: item.current_period_start, end: now };
  sim.tables.plannedSwitches.delete(subscription.id);
  changeSubscription(sim, subscription, {
    items: { ...subscription.items, data: [switched] },
    billing_cycle_anchor: newPeriod ? now : subscription.billing_cycle_anchor,
    schedule: null,
    ...(newPeriod && subscription.status === "trialing" && { status: "active", trial_end: now }),
  });
  if (newPeriod) {
    const discountIds = discountsInForce(sim, subscription, now);
    lines.push(periodLine(sim, subscription, switched, { discountIds, trial: false }));
  }
  if (newPeriod || (prorated && change.proration === "always_invoice")) {
    invoiceNow(sim, subscription, lines, period);
  } else if (lines.length > 0) {
    const waiting = sim.tables.pendingProrations.get(subscription.id) ?? [];
    sim.tables.pendingProrations.set(subscription.id, [...waiting, ...lines]);
  }
}

/** Plans the change for the period's end, as the portal does for a shorter interval. */
export function planSwitch(
  sim: Simulation,
  subscription: StoredSubscription,
  price: StoredPrice,
): void {
  sim.tables.plannedSwitches.set(subscription.id, price.id);
  changeSubscription(sim, subscription, { schedule: subscription.schedule ?? newId("sub_sched") });
}

/** Lets go of a planned change: the subscription goes on at the price it has. */
export function releaseSchedule(sim: Simulation, subscription: StoredSubscription): void {
  sim.tables.plannedSwitches.delete(subscription.id);
  changeSubscription(sim, subscription, { schedule: null });
}

function invoiceNow(
  sim: Simulation,
  subscription: StoredSubscription,
  lines: Stripe.InvoiceLineItem[],
  period: { start: number; end: number },
): void {
  const finalizesAt = sim.nowSeconds();
  const billingReason = "subscription_update";
  const invoice = draftInvoice(sim, subscription, { billingReason, lines, period, finalizesAt });
  sim.emit("invoice.created", invoice);
  changeSubscription(sim, subscription, { latest_invoice: invoice.id });
  finalizeInvoice(sim, invoice);
  collectInvoice(sim, invoice);
}

function sameInterval(one: Stripe.Price, other: Stripe.Price): boolean {
  return (
    one.recurring?.interval === other.recurring?.interval &&
    one.recurring?.interval_count === other.recurring?.interval_count
  );
}

function switchedItem(
  item: Stripe.SubscriptionItem,
  { price, quantity }: PriceSwitch,
  startsAt: number | null,
): Stripe.SubscriptionItem {
  const switched = { ...item, price, plan: planOf(price), quantity };
  if (startsAt === null) {
    return switched;
  }
  const recurring = price.recurring ?? { interval: "month", interval_count: 1 };
  const current_period_end = nextPeriodEnd(startsAt, startsAt, recurring);
  return { ...switched, current_period_start: startsAt, current_period_end };
}

function unusedTime(
  sim: Simulation,
  subscription: StoredSubscription,
  item: Stripe.SubscriptionItem,
  now: number,
): Stripe.InvoiceLineItem {
  const paid = paidFor(sim, subscription, item);
  return newInvoiceLine({
    subscription,
    item,
    price: item.price,
    amount: -Math.round(paid * shareLeft(item, now)),
    period: { start: now, end: item.current_period_end },
    description: `Unused time on ${productName(sim, item.price)}`,
    proration: true,
    discountAmounts: [],
  });
}

function remainingTime(
  sim: Simulation,
  subscription: StoredSubscription,
  item: Stripe.SubscriptionItem,
  now: number,
): Stripe.InvoiceLineItem {
  const full = (item.price.unit_amount ?? 0) * (item.quantity ?? 1);
  return newInvoiceLine({
    subscription,
    item,
    price: item.price,
    amount: Math.round(full * shareLeft(item, now)),
    period: { start: now, end: item.current_period_end },
    description: `Remaining time on ${productName(sim, item.price)}`,
    proration: true,
    discountAmounts: [],
  });
}

function shareLeft(item: Stripe.SubscriptionItem, now: number): number {
  const length = item.current_period_end - item.current_period_start;
  return Math.max(0, item.current_period_end - now) / length;
}

/** What the running period cost after discounts; only that can come back. */
function paidFor(
  sim: Simulation,
  subscription: StoredSubscription,
  item: Stripe.SubscriptionItem,
): number {
  for (const invoice of [...sim.tables.invoices.values()].reverse()) {
    const line = invoice.lines.data.find(
      (one) =>
        one.subscription === subscription.id &&
        one.parent?.subscription_item_details?.proration === false &&
        one.pricing?.price_details?.price === item.price.id &&
        one.quantity === item.quantity &&
        one.period.end === item.current_period_end,
    );
    if (line) {
      const off = (line.discount_amounts ?? []).reduce((sum, { amount }) => sum + amount, 0);
      return line.subtotal - off;
    }
  }
  return (item.price.unit_amount ?? 0) * (item.quantity ?? 1);
}
