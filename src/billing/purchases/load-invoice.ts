import type Stripe from "stripe";
import type { SubscriptionItem } from "../catalog";
import type { BillingDeps } from "../deps";
import { idOf, instantOf } from "../stripe/stripe-ids";

/** An invoice with all its lines, however many. */
export interface LoadedInvoice {
  readonly invoice: Stripe.Invoice;
  readonly lines: readonly Stripe.InvoiceLineItem[];
}

/** A whole period of a plan of ours on an invoice. */
export interface PlanLine {
  readonly item: SubscriptionItem;
  readonly priceId: string;
  /** Before discounts: zero means a trial, not a coupon. */
  readonly subtotalCents: number;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** Fetches an invoice with its payments and all its lines. */
export async function loadInvoice(billing: BillingDeps, id: string): Promise<LoadedInvoice> {
  const invoice = await billing.stripe.invoices.retrieve(id, { expand: ["payments"] });
  const lines = invoice.lines.has_more
    ? await billing.stripe.invoices
        .listLineItems(id, { limit: 100 })
        .autoPagingToArray({ limit: 1000 })
    : invoice.lines.data;
  return { invoice, lines };
}

/** The subscription an invoice belongs to; null for one-time invoices. */
export function subscriptionIdOf(invoice: Stripe.Invoice): string | null {
  return idOf(invoice.parent?.subscription_details?.subscription);
}

/** The payment intent that paid an invoice; null if none was needed or it was paid outside Stripe. */
export function paymentIntentOf(invoice: Stripe.Invoice): string | null {
  const paid = invoice.payments?.data.find((made) => made.status === "paid");
  return idOf(paid?.payment.payment_intent);
}

/**
 * The period an invoice pays for: its line for a plan of ours that is no proration. Should there be
 * several, the one that ends last. Null if it only settles differences.
 */
export function planLineOf(billing: BillingDeps, { lines }: LoadedInvoice): PlanLine | null {
  const periods = lines.flatMap((line): PlanLine[] => {
    const details = line.parent?.subscription_item_details;
    if (!details || details.proration) return [];
    const ours = priceOf(billing, line);
    return ours === null
      ? []
      : [
          {
            ...ours,
            subtotalCents: line.subtotal,
            startsAt: instantOf(line.period.start),
            endsAt: instantOf(line.period.end),
          },
        ];
  });
  return periods.reduce<PlanLine | null>(
    (last, period) => (last === null || period.endsAt > last.endsAt ? period : last),
    null,
  );
}

/** The plan an invoice is about, also if it only settles differences: its dearest line's. */
export function planOf(
  billing: BillingDeps,
  { lines }: LoadedInvoice,
): { item: SubscriptionItem; priceId: string } | null {
  const dearestFirst = [...lines].sort((a, b) => b.amount - a.amount);
  for (const line of dearestFirst) {
    const ours = priceOf(billing, line);
    if (ours !== null) return ours;
  }
  return null;
}

function priceOf(
  billing: BillingDeps,
  line: Stripe.InvoiceLineItem,
): { item: SubscriptionItem; priceId: string } | null {
  const priceId = idOf(line.pricing?.price_details?.price);
  const item = billing.prices.itemOf(priceId);
  return priceId !== null && item?.kind === "subscription" ? { item, priceId } : null;
}
