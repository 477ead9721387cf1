import type Stripe from "stripe";
import { newInvoiceLine } from "../objects/invoice";
import { planOf } from "../objects/product";
import { newItem } from "../objects/subscription";
import type { Simulation } from "../simulation";
import type { StoredPrice, StoredSubscription } from "../tables";
import { draftInvoice, fullPrice, periodLine, productName } from "./bill-subscription";
import { changeSubscription, inPeriod, planItem } from "./change-subscription";
import { collectInvoice, finalizeInvoice } from "./collect-invoice";
import { releaseScheduleOf } from "./schedule-phases";

export interface PriceSwitch {
  price: StoredPrice;
  quantity: number;
  /**
   * Whether prorations within the same interval are invoiced at once, wait for the next invoice, or are
   * left out. Another interval is always invoiced at once.
   */
  proration: "always_invoice" | "create_prorations" | "none";
  /** Whether the trial continues at the new price, as after a change through the API. */
  keepsTrial?: boolean;
}

/**
 * Changes price or quantity now. Another interval starts a new period and is invoiced at once: the
 * unused time is a negative proration line, the new period an ordinary line. Within the same
 * interval both are prorations (https://docs.stripe.com/billing/subscriptions/prorations). A switch
 * ends a trial, as in a portal whose `trial_update_behavior` is `end_trial`, the default, unless it
 * `keepsTrial`: then nothing is charged before the trial's end.
 */
export function switchPrice(
  sim: Simulation,
  subscription: StoredSubscription,
  { price, quantity, proration, keepsTrial = false }: PriceSwitch,
): void {
  const now = sim.nowSeconds();
  const item = planItem(subscription);
  const sold = { ...item, price, plan: planOf(price), quantity };
  const isTrial = subscription.status === "trialing";
  if (isTrial && keepsTrial) {
    const items = [sold, ...subscription.items.data.slice(1)];
    changeSubscription(sim, subscription, { items: { ...subscription.items, data: items } });
    return;
  }
  const { switched, newPeriod, lines, period } = planSwitchNow(sim, subscription, {
    price,
    quantity,
  });
  releaseScheduleOf(sim, subscription);
  changeSubscription(sim, subscription, {
    items: { ...subscription.items, data: [switched, ...subscription.items.data.slice(1)] },
    billing_cycle_anchor: newPeriod ? now : subscription.billing_cycle_anchor,
    ...(isTrial && { status: "active", trial_end: now }),
  });
  if (newPeriod || proration === "always_invoice") {
    invoiceNow(sim, subscription, lines, period);
  } else if (proration === "create_prorations") {
    const waiting = sim.tables.pendingProrations.get(subscription.id) ?? [];
    sim.tables.pendingProrations.set(subscription.id, [...waiting, ...lines]);
  }
}

/** What a switch now changes and invoices. A switch ends a trial. Nothing is stored. */
export function planSwitchNow(
  sim: Simulation,
  subscription: StoredSubscription,
  { price, quantity }: Pick<PriceSwitch, "price" | "quantity">,
) {
  const now = sim.nowSeconds();
  const item = planItem(subscription);
  const sold = { ...item, price, plan: planOf(price), quantity };
  const isTrial = subscription.status === "trialing";
  const newPeriod = isTrial || item.price.recurring?.interval !== price.recurring?.interval;
  const switched = newPeriod ? inPeriod(sold, { start: now, anchor: now }) : sold;
  const lines = [
    ...(isTrial ? [] : [unusedTime(sim, subscription, item)]),
    newPeriod
      ? periodLine(sim, subscription, switched)
      : remainingTime(sim, subscription, switched),
  ];
  return { switched, newPeriod, lines, period: { start: item.current_period_start, end: now } };
}

/** Adds another item, such as another product's, and invoices its remaining time at once. */
export function addItem(
  sim: Simulation,
  subscription: StoredSubscription,
  price: StoredPrice,
): void {
  const { current_period_start, current_period_end: periodEnd } = planItem(subscription);
  const now = sim.nowSeconds();
  const given = { price, quantity: 1, periodEnd };
  const added = { ...newItem(now, subscription.id, given), current_period_start };
  const lines = [remainingTime(sim, subscription, added)];
  const { items } = subscription;
  changeSubscription(sim, subscription, { items: { ...items, data: [...items.data, added] } });
  invoiceNow(sim, subscription, lines, { start: now, end: now });
}

/** Creates, finalizes and charges an invoice at once. */
export function invoiceNow(
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

/** Flexible billing credits what was charged for the time, at the price of then, after discounts. */
function unusedTime(
  sim: Simulation,
  subscription: StoredSubscription,
  item: Stripe.SubscriptionItem,
): Stripe.InvoiceLineItem {
  const debit = lastDebit(sim, subscription, item);
  const [discount] = debit?.discount_amounts ?? [];
  const paid = debit
    ? debit.subtotal - (discount?.amount ?? 0)
    : fullPrice(sim, subscription, item);
  const start = debit?.period.start ?? item.current_period_start;
  const end = item.current_period_end;
  const share = Math.max(0, end - sim.nowSeconds()) / (end - start);
  const price = sim.tables.prices.get(chargedPriceOf(debit)) ?? item.price;
  const description = `Unused time on ${productName(sim, price)}`;
  const amount = -Math.round(paid * share);
  return prorationLine(sim, subscription, { ...item, price }, { amount, description });
}

function remainingTime(
  sim: Simulation,
  subscription: StoredSubscription,
  item: Stripe.SubscriptionItem,
): Stripe.InvoiceLineItem {
  const amount = Math.round(fullPrice(sim, subscription, item) * remainingShare(sim, item));
  const description = `Remaining time on ${productName(sim, item.price)}`;
  return prorationLine(sim, subscription, item, { amount, description });
}

function prorationLine(
  sim: Simulation,
  subscription: StoredSubscription,
  item: Stripe.SubscriptionItem,
  given: { amount: number; description: string },
): Stripe.InvoiceLineItem {
  const period = { start: sim.nowSeconds(), end: item.current_period_end };
  return newInvoiceLine({ subscription, item, period, proration: true, discount: 0, ...given });
}

function remainingShare(sim: Simulation, item: Stripe.SubscriptionItem): number {
  const length = item.current_period_end - item.current_period_start;
  return Math.max(0, item.current_period_end - sim.nowSeconds()) / length;
}

function chargedPriceOf(line: Stripe.InvoiceLineItem | undefined): string {
  const price = line?.pricing?.price_details?.price ?? "";
  return typeof price === "string" ? price : price.id;
}

/** The line that charged the item's running time: its period, or the remainder after a switch. */
function lastDebit(
  sim: Simulation,
  subscription: StoredSubscription,
  item: Stripe.SubscriptionItem,
): Stripe.InvoiceLineItem | undefined {
  return [...sim.tables.invoices.values()]
    .flatMap(({ lines }) => lines.data)
    .findLast(
      (one) =>
        one.subscription === subscription.id &&
        one.parent?.subscription_item_details?.subscription_item === item.id &&
        one.subtotal >= 0 &&
        one.period.end === item.current_period_end,
    );
}
