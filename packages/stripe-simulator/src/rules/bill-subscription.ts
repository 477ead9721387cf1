import type Stripe from "stripe";
import { invalid, rowOf } from "../http/fault";
import { newInvoice, newInvoiceLine } from "../objects/invoice";
import { amountsOf } from "../objects/product";
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
  const { currency } = subscription;
  const given = { ...bill, customer, subscription, currency, lines };
  const invoice = newInvoice(sim.nowSeconds(), given);
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
  const amount = isTrial ? 0 : fullPrice(sim, subscription, item);
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

/** The price of a whole period of an item, in minor units of the subscription's currency. */
export function fullPrice(
  sim: Simulation,
  subscription: StoredSubscription,
  { price, quantity }: Stripe.SubscriptionItem,
): number {
  return unitAmount(sim, subscription, price) * (quantity ?? 1);
}

/** A subscription keeps its currency, so it can only have prices with an amount in it. */
export function unitAmount(
  sim: Simulation,
  { currency }: StoredSubscription,
  price: Stripe.Price,
): number {
  const amount = amountsOf(sim.tables, price)[currency];
  if (amount === undefined) {
    const message = `The price specified only supports \`${price.currency}\`. This doesn't match the expected currency: \`${currency}\`.`;
    throw invalid(message, "items[0][price]");
  }
  return amount;
}

export function productName(sim: Simulation, price: Stripe.Price): string {
  const id = typeof price.product === "string" ? price.product : price.product.id;
  return sim.tables.products.get(id)?.name ?? id;
}
