import type Stripe from "stripe";
import type { BillingDeps } from "../deps";
import { noneIfMissing } from "../stripe/call-stripe";
import { idOf, instantOf, instantOrNull } from "../stripe/values";

/** Statuses that are final at Stripe. */
export const FINAL_STATUSES: string[] = ["canceled", "incomplete_expired"];

/** Statuses in which a subscription renews. */
export const CHARGING_STATUSES: readonly string[] = ["active", "trialing", "past_due"];

/** How our own notes begin. */
export const OUR_COMMENT = "QiFlow: ";

/**
 * Our own notes in Stripe's `cancellation_details.comment`. They are set in the request that cancels,
 * so they are the fact of who ended a subscription or its renewal.
 */
export const DISPUTE_COMMENT = `${OUR_COMMENT}not renewed while a payment is disputed`;

/** The note of a cancellation because this payment was refunded or lost in a dispute. */
export function reversalComment(paymentId: string): string {
  return `${OUR_COMMENT}${paymentId} was refunded or disputed`;
}

/**
 * Whether a subscription's end also ends what one of its payments bought. If we ended it because a payment
 * was reversed in full, that reversal alone decides about that payment. If its refund failed since, the end
 * affects none of them, so that everything returns.
 */
export function endsPayment(
  { id }: { id: string },
  {
    comment,
    payments,
  }: {
    /** Of the cancellation. */
    comment: string | null | undefined;
    /** All payments of the subscription. */
    payments: readonly { readonly id: string; readonly isReversed: boolean }[];
  },
): boolean {
  const cause = payments.find((each) => reversalComment(each.id) === comment);
  return cause === undefined || (cause.id !== id && cause.isReversed);
}

/** Whether a subscription can still charge or be paid: every status that is not final. */
export function isLive(status: string): boolean {
  return !FINAL_STATUSES.includes(status);
}

/**
 * The customer's live subscriptions, at any price: our customers subscribe to nothing
 * else. Read from Stripe because our copy may wait for an event. Includes past_due, unpaid, paused
 * and incomplete ones. A deleted customer has none.
 */
export async function listLiveSubscriptions(
  billing: BillingDeps,
  customerId: string,
): Promise<Stripe.Subscription[]> {
  const all = await listAllSubscriptions(billing, customerId);
  return all.filter((found) => isLive(found.status));
}

/** The subscription's item at one of our prices, or null. */
export function planItemOf(billing: BillingDeps, subscription: Stripe.Subscription) {
  for (const line of subscription.items.data) {
    const item = billing.prices.itemOf(line.price.id);
    if (item?.kind === "subscription") return { item, priceId: line.price.id, line };
  }
  return null;
}

/**
 * When the subscription is set to end, or null. With flexible billing, the portal sets `cancel_at`
 * and leaves `cancel_at_period_end` false; older APIs do the opposite. Reads both.
 */
export function scheduledEndOf(subscription: Stripe.Subscription): Date | null {
  if (subscription.cancel_at !== null) return instantOrNull(subscription.cancel_at);
  if (!subscription.cancel_at_period_end) return null;
  return instantOrNull(subscription.items.data[0]?.current_period_end);
}

/** A price that a schedule changes a subscription to at the end of its period. */
export interface ScheduledSwitch {
  readonly priceId: string;
  readonly fromPriceId: string;
  readonly at: Date;
}

/**
 * The next change of price that the attached schedule brings, or null. The subscription was fetched
 * with its schedule expanded.
 */
export function scheduledSwitchOf({
  schedule,
  items,
}: Stripe.Subscription): ScheduledSwitch | null {
  const [line] = items.data;
  if (schedule === null || typeof schedule === "string" || line === undefined) return null;
  const next = schedule.phases.find(({ start_date: start }) => start >= line.current_period_end);
  const priceId = idOf(next?.items[0]?.price);
  if (next === undefined || priceId === null || priceId === line.price.id) return null;
  return { priceId, fromPriceId: line.price.id, at: instantOf(next.start_date) };
}

/** When a subscription ended; null while it is live. */
export function endedAtOf(subscription: Stripe.Subscription): Date | null {
  if (isLive(subscription.status)) return null;
  const { ended_at, canceled_at, created } = subscription;
  return instantOf(ended_at ?? canceled_at ?? created);
}

/** The ids of a subscription's invoices that can still be charged or paid. */
export async function listUnpaidInvoices(
  { stripe }: BillingDeps,
  subscriptionId: string,
): Promise<string[]> {
  const invoices = await stripe.invoices
    .list({ subscription: subscriptionId, limit: 100 })
    .autoPagingToArray({ limit: 1000 });
  const unpaid = invoices.filter(({ status, auto_advance: advances }) =>
    status === "draft" ? advances : status === "open" || status === "uncollectible",
  );
  return unpaid.map(({ id }) => id);
}

/** All of a customer's subscriptions at Stripe, ended ones included. A deleted customer has none. */
export async function listAllSubscriptions({ stripe, prices }: BillingDeps, customerId: string) {
  const all = await noneIfMissing(
    stripe.subscriptions
      .list({ customer: customerId, status: "all", limit: 100 })
      .autoPagingToArray({ limit: 1000 }),
  );
  await prices.resolve(all.flatMap((one) => one.items.data.map(({ price }) => price.id)));
  return all;
}
