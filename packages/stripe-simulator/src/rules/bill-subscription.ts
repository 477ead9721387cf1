import type Stripe from "stripe";
import { rowOf } from "../http/fault";
import { newInvoice, newInvoiceLine } from "../objects/invoice";
import type { Simulation } from "../simulation";
import type { StoredInvoice, StoredSubscription } from "../tables";

/** How long a renewal's invoice stays a draft before it is charged: about an hour at Stripe. */
export const DRAFT_SECONDS = 3600;
/** The same while the endpoint keeps failing on `invoice.created`. */
export const DRAFT_SECONDS_UNDELIVERED = 72 * 3600;

interface BillingCycle {
  billingReason: Stripe.Invoice.BillingReason;
  lines: Stripe.InvoiceLineItem[];
  /** The period that ended when this invoice was created. */
  period: { start: number; end: number };
  finalizesAt: number;
}

/** Drafts an invoice for the subscription, including its pending prorations. */
export function draftInvoice(
  sim: Simulation,
  subscription: StoredSubscription,
  bill: BillingCycle,
): StoredInvoice {
  const customer = rowOf(sim.tables.customers, "customer", subscription.customer);
  const waiting = sim.tables.pendingProrations.get(subscription.id) ?? [];
  sim.tables.pendingProrations.delete(subscription.id);
  const lines = [...waiting, ...bill.lines];
  const invoice = newInvoice(sim.nowSeconds(), { ...bill, customer, subscription, lines });
  sim.tables.invoices.set(invoice.id, invoice);
  return invoice;
}

/** The line for a whole period of an item. A trial costs nothing; a free item has a 100% discount. */
export function periodLine(
  sim: Simulation,
  subscription: StoredSubscription,
  item: Stripe.SubscriptionItem,
  { isFree = false, isTrial = false } = {},
): Stripe.InvoiceLineItem {
  const name = productName(sim, item.price);
  const amount = isTrial ? 0 : fullPrice(item);
  return newInvoiceLine({
    subscription,
    item,
    amount,
    period: { start: item.current_period_start, end: item.current_period_end },
    description: isTrial ? `Trial period for ${name}` : `${item.quantity ?? 1} × ${name}`,
    proration: false,
    discount: isFree ? amount : 0,
  });
}

/** The price of a whole period of an item, in minor units. */
export function fullPrice({ price, quantity }: Stripe.SubscriptionItem): number {
  return (price.unit_amount ?? 0) * (quantity ?? 1);
}

export function productName(sim: Simulation, price: Stripe.Price): string {
  const id = typeof price.product === "string" ? price.product : price.product.id;
  return sim.tables.products.get(id)?.name ?? id;
}
