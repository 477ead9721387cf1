import { max } from "date-fns";
import type Stripe from "stripe";
import type { SubscriptionItem } from "@/catalog/items";
import type { BillingDeps } from "../deps";
import { idOf, instantOf } from "../stripe/values";
import { planItemOf } from "../subscriptions/live-subscriptions";

/** An invoice with all its lines. */
export interface LoadedInvoice {
  readonly invoice: Stripe.Invoice;
  readonly lines: readonly Stripe.InvoiceLineItem[];
}

/** A line that bills a period of one of our plans, or the rest of one. */
export interface PlanLine {
  readonly item: SubscriptionItem;
  readonly priceId: string;
  /** Plans bought at once. Each gets its own allotment. */
  readonly quantity: number;
  /** Before discounts. Zero means a trial, not a coupon. */
  readonly subtotalCents: number;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** The credits of one month: an allotment for each plan bought. */
export function creditsPerMonthOf({ item, quantity }: PlanLine): number {
  return item.creditsPerMonth * quantity;
}

/** Fetches an invoice with its payments and all its lines. */
export async function loadInvoice(billing: BillingDeps, id: string): Promise<LoadedInvoice> {
  const invoice = await billing.stripe.invoices.retrieve(id, { expand: ["payments"] });
  const lines = invoice.lines.has_more
    ? await billing.stripe.invoices
        .listLineItems(id, { limit: 100 })
        .autoPagingToArray({ limit: 1000 })
    : invoice.lines.data;
  await billing.prices.resolve(lines.map((line) => idOf(line.pricing?.price_details?.price)));
  return { invoice, lines };
}

/** The subscription an invoice belongs to; null for one-time invoices. */
export function subscriptionIdOf(invoice: Stripe.Invoice): string | null {
  return idOf(invoice.parent?.subscription_details?.subscription);
}

/**
 * The part of a paid invoice that its customer's balance paid, in minor units. Credit notes from
 * before the payment made the invoice smaller.
 */
export function balanceCentsOf(invoice: Stripe.Invoice): number {
  const billedCents = invoice.total - invoice.pre_payment_credit_notes_amount;
  return Math.max(0, billedCents - Math.max(0, invoice.amount_paid));
}

/** The payment intent that paid an invoice; null if nothing was charged through Stripe. */
export function paymentIntentOf(invoice: Stripe.Invoice): string | null {
  const paid = invoice.payments?.data.find(({ status }) => status === "paid");
  return idOf(paid?.payment.payment_intent);
}

/**
 * The period that an invoice pays for: the line of one of our plans that is not a proration. If there
 * are several, the one that ends last. Null if the invoice has only prorations.
 */
export function planLineOf(billing: BillingDeps, { lines }: LoadedInvoice): PlanLine | null {
  const periods = lines.flatMap((line): PlanLine[] => {
    const details = line.parent?.subscription_item_details;
    if (!details || details.proration) return [];
    const bought = planLineFrom(billing, line);
    return bought === null ? [] : [bought];
  });
  return periods.reduce<PlanLine | null>(
    (last, period) => (last === null || period.endsAt > last.endsAt ? period : last),
    null,
  );
}

/** A switch of plans within a running period, as its invoice bills it. */
export interface SwitchLine extends PlanLine {
  /** The price before the switch. */
  readonly fromPriceId: string;
  /** The monthly credits at that price. */
  readonly fromCreditsPerMonth: number;
}

/**
 * The switch of plans that an invoice bills by prorations only: a charge for the rest of the period at the
 * new price and a credit at the old one. The last of several switches; null if there is none.
 */
export function switchLineOf(billing: BillingDeps, { lines }: LoadedInvoice): SwitchLine | null {
  const prorations = lines.flatMap((line) => {
    const isProration = line.parent?.subscription_item_details?.proration === true;
    const bought = isProration ? planLineFrom(billing, line) : null;
    return bought === null ? [] : [{ ...bought, amount: line.amount }];
  });
  const bought = prorations
    .filter(({ amount }) => amount > 0)
    .reduce<PlanLine | null>(
      (last, line) => (last === null || line.startsAt >= last.startsAt ? line : last),
      null,
    );
  const left = prorations.findLast(
    ({ amount, priceId, startsAt }) =>
      amount <= 0 && priceId !== bought?.priceId && startsAt <= (bought?.startsAt ?? startsAt),
  );
  if (bought === null || left === undefined) return null;
  return {
    ...bought,
    fromPriceId: left.priceId,
    fromCreditsPerMonth: creditsPerMonthOf(left),
  };
}

/** The end of the last whole period that an invoice bills at a price, sold or not; null if none. */
export function periodEndOf({ lines }: LoadedInvoice, priceId: string): Date | null {
  const ends = lines
    .filter(({ parent }) => parent?.subscription_item_details?.proration === false)
    .filter(({ pricing }) => idOf(pricing?.price_details?.price) === priceId)
    .map(({ period }) => instantOf(period.end));
  return ends.length === 0 ? null : max(ends);
}

/** The plan of the invoice's most expensive line. Also works for an invoice of prorations only. */
export function planOf(
  billing: BillingDeps,
  { lines }: LoadedInvoice,
): { item: SubscriptionItem; priceId: string } | null {
  const mostExpensiveFirst = [...lines].sort((a, b) => b.amount - a.amount);
  for (const line of mostExpensiveFirst) {
    const ours = priceOf(billing, line);
    if (ours !== null) return ours;
  }
  return null;
}

/**
 * The unknown prices that an invoice bills in place of our plan; empty if it bills none. A line of
 * another item in the same subscription (another product's add-on) does not count.
 */
export function unknownPricesOf(
  billing: BillingDeps,
  { lines }: LoadedInvoice,
  subscription: Stripe.Subscription,
): string[] {
  const ourItem = planItemOf(billing, subscription)?.line.id;
  return lines.flatMap((line) => {
    const item = line.parent?.subscription_item_details?.subscription_item;
    const priceId = idOf(line.pricing?.price_details?.price);
    if (item === undefined || priceId === null || priceOf(billing, line) !== null) return [];
    return ourItem === undefined || item === ourItem ? [priceId] : [];
  });
}

/** Whether an invoice bills our plan in more than one quantity, as after a change within a period. */
export function hasNewQuantity(billing: BillingDeps, { lines }: LoadedInvoice): boolean {
  const ours = lines.filter((line) => priceOf(billing, line) !== null);
  return new Set(ours.map(({ quantity }) => quantity)).size > 1;
}

function planLineFrom(billing: BillingDeps, line: Stripe.InvoiceLineItem): PlanLine | null {
  const ours = priceOf(billing, line);
  if (ours === null) return null;
  const { subtotal: subtotalCents, period } = line;
  const quantity = line.quantity ?? 1;
  const [startsAt, endsAt] = [instantOf(period.start), instantOf(period.end)];
  return { ...ours, quantity, subtotalCents, startsAt, endsAt };
}

function priceOf(
  billing: BillingDeps,
  line: Stripe.InvoiceLineItem,
): { item: SubscriptionItem; priceId: string } | null {
  const priceId = idOf(line.pricing?.price_details?.price);
  const item = billing.prices.itemOf(priceId);
  return priceId !== null && item?.kind === "subscription" ? { item, priceId } : null;
}
