import type Stripe from "stripe";
import { rowOf } from "../http/fault";
import { couponOff } from "../objects/coupon";
import { newInvoice, newInvoiceLine } from "../objects/invoice";
import type { Simulation } from "../simulation";
import type { StoredInvoice, StoredSubscription } from "../tables";

/** How long a renewal's invoice stays a draft before it is charged: about an hour at Stripe. */
export const DRAFT_SECONDS = 3600;
/** …and how long when the endpoint never took `invoice.created`. */
export const DRAFT_SECONDS_UNDELIVERED = 72 * 3600;

interface Bill {
  billingReason: Stripe.Invoice.BillingReason;
  lines: Stripe.InvoiceLineItem[];
  /** Looks back: the period that ended when this invoice was made. */
  period: { start: number; end: number };
  finalizesAt: number;
}

/** Drafts an invoice for the subscription, with the prorations that were waiting for one. */
export function draftInvoice(
  sim: Simulation,
  subscription: StoredSubscription,
  bill: Bill,
): StoredInvoice {
  const customer = rowOf(sim.tables.customers, "customer", subscription.customer);
  const waiting = sim.tables.pendingProrations.get(subscription.id) ?? [];
  sim.tables.pendingProrations.delete(subscription.id);
  const lines = [...waiting, ...bill.lines];
  const invoice = newInvoice(sim.nowSeconds(), { ...bill, customer, subscription, lines });
  sim.tables.invoices.set(invoice.id, invoice);
  return invoice;
}

/** The line for a whole period of an item, with the discounts that are in force. */
export function periodLine(
  sim: Simulation,
  subscription: StoredSubscription,
  item: Stripe.SubscriptionItem,
  options: { discountIds: string[]; trial: boolean },
): Stripe.InvoiceLineItem {
  const name = productName(sim, item.price);
  const quantity = item.quantity ?? 1;
  const amount = options.trial ? 0 : (item.price.unit_amount ?? 0) * quantity;
  return newInvoiceLine({
    subscription,
    item,
    price: item.price,
    amount,
    period: { start: item.current_period_start, end: item.current_period_end },
    description: options.trial ? `Trial period for ${name}` : `${quantity} × ${name}`,
    proration: false,
    discountAmounts: discountAmounts(sim, options.discountIds, amount),
  });
}

export function productName(sim: Simulation, price: Stripe.Price): string {
  const id = typeof price.product === "string" ? price.product : price.product.id;
  return sim.tables.products.get(id)?.name ?? id;
}

/** The subscription's discounts that still apply at this instant. */
export function discountsInForce(
  sim: Simulation,
  subscription: StoredSubscription,
  at: number,
): string[] {
  return subscription.discounts
    .map((discount) => (typeof discount === "string" ? discount : discount.id))
    .filter((id) => {
      const end = sim.tables.discounts.get(id)?.end ?? null;
      return end === null || end > at;
    });
}

function discountAmounts(
  sim: Simulation,
  discountIds: string[],
  amount: number,
): Stripe.InvoiceLineItem.DiscountAmount[] {
  let left = amount;
  return discountIds.map((id) => {
    const couponId = sim.tables.discounts.get(id)?.source.coupon ?? "";
    const off = couponOff(sim.tables.coupons.get(couponId) ?? null, left);
    left -= off;
    return { amount: off, discount: id };
  });
}
