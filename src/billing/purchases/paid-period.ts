import { and, eq } from "drizzle-orm";
import type Stripe from "stripe";
import type { SubscriptionItem } from "@/catalog/items";
import type { Transaction } from "@/db/client";
import { type PaymentRefusal, payment } from "@/db/schema";
import {
  grantSubscriptionMonth,
  grantYearlyStart,
  readFirstAllotmentExpiry,
  subscriptionMonthExpiry,
} from "@/ledger/grant";
import type { CreditWrite } from "../effect";
import { earlier, instantOf } from "../stripe/values";
import { endedAtOf, endsPayment } from "../subscriptions/live-subscriptions";
import { creditsPerMonthOf, type PlanLine, paymentIntentOf } from "./load-invoice";
import { type Recipient, sendPurchaseReceived } from "./receipts";

/** A paid invoice of a known owner. */
export interface PaidInvoice {
  readonly userId: string;
  readonly recipient: Recipient;
  readonly invoice: Stripe.Invoice;
  /** Fetched together with the invoice. */
  readonly subscription: Stripe.Subscription;
  readonly plan: { readonly item: SubscriptionItem; readonly priceId: string };
  readonly now: Date;
}

/**
 * Records the payment of a new period and sends the receipt. Returns the credit write that grants
 * the month, or the first month of a year together with the schedule of the other eleven. Returns
 * no write if the payment is already recorded. `isLate`: paid after the subscription's end.
 */
export async function startPeriod(
  tx: Transaction,
  started: PaidInvoice & { period: PlanLine; isLate?: boolean },
): Promise<CreditWrite[]> {
  const { recipient, userId, invoice, subscription, period, isLate, now } = started;
  const credits = creditsPerMonthOf(period);
  const isMonth = period.item.interval === "month";
  const { graceHours } = period.item;
  const monthEndsAt = isMonth ? period.endsAt : null;
  const isNew = await insertInvoicePayment(tx, { ...started, credits, monthEndsAt });
  if (!isNew) return [];
  await sendPurchaseReceived(tx, {
    recipient,
    source: `invoice:${invoice.id}`,
    item: period.item.id,
    credits,
    amountCents: Math.max(0, invoice.amount_paid),
    currency: invoice.currency,
    expiresAt: isMonth
      ? subscriptionMonthExpiry({ periodEndsAt: period.endsAt, graceHours, now })
      : await readFirstAllotmentExpiry(tx, { anchorAt: period.startsAt, graceHours, now }),
    ...(isLate && { periodUntil: period.endsAt }),
    // A renewal concludes no contract.
    ...(invoice.billing_reason === "subscription_create" && {
      contract: { startedAt: instantOf(subscription.created) },
    }),
    now,
  });
  const grant = { userId, invoiceId: invoice.id, credits, graceHours, now };
  if (isMonth) {
    return [(last) => grantSubscriptionMonth(last, { ...grant, periodEndsAt: period.endsAt })];
  }
  const year = {
    ...grant,
    subscriptionId: subscription.id,
    anchorAt: period.startsAt,
    endsAt: period.endsAt,
  };
  return [(last) => grantYearlyStart(last, year)];
}

/** When the invoice was paid, as Stripe recorded it. */
export function paidAtOf({ status_transitions, created }: Stripe.Invoice): Date {
  return instantOf(status_transitions.paid_at ?? created);
}

/**
 * Records an invoice's payment; returns false if it is already recorded. A `period` makes the owner
 * a member until its end, or until the subscription's end if that comes between payment and now.
 */
export async function insertInvoicePayment(
  tx: Transaction,
  paid: Omit<PaidInvoice, "recipient"> & {
    period: PlanLine | null;
    credits: number;
    upgradeCredits?: number;
    /** The end of the month that `credits` are for, unless a schedule grants them. */
    monthEndsAt?: Date | null;
    /** Set for a switch within a period. */
    switchedFromPriceId?: string;
    /** When a switch that was recorded earlier ended the period. */
    switchedAt?: Date | null;
    refusal?: PaymentRefusal;
  },
): Promise<boolean> {
  const { invoice, subscription, period } = paid;
  const paidAt = paidAtOf(invoice);
  const endedAt = endedAtOf(subscription);
  const isCut = endedAt !== null && paidAt <= endedAt && (await endsInvoice(tx, paid));
  const inserted = await tx
    .insert(payment)
    .values({
      userId: paid.userId,
      id: `invoice:${invoice.id}`,
      invoiceId: invoice.id,
      item: period?.item.id ?? paid.plan.item.id,
      priceId: period?.priceId ?? paid.plan.priceId,
      quantity: period?.quantity ?? 1,
      amountCents: Math.max(0, invoice.amount_paid),
      currency: invoice.currency,
      credits: paid.credits,
      upgradeCredits: paid.upgradeCredits ?? 0,
      monthEndsAt: paid.monthEndsAt ?? null,
      switchedFromPriceId: paid.switchedFromPriceId ?? null,
      switchedAt: paid.switchedAt ?? null,
      refusal: paid.refusal ?? null,
      paymentIntentId: paymentIntentOf(invoice),
      subscriptionId: subscription.id,
      // It shows the payer's name.
      receiptUrl: paid.refusal === "deleted" ? null : (invoice.hosted_invoice_url ?? null),
      memberFromAt: period?.startsAt ?? null,
      memberUntilAt: period && (isCut ? earlier(period.endsAt, endedAt) : period.endsAt),
      paidAt,
    })
    .onConflictDoNothing()
    .returning({ id: payment.id });
  return inserted.length > 0;
}

async function endsInvoice(
  tx: Transaction,
  { userId, invoice, subscription }: Pick<PaidInvoice, "userId" | "invoice" | "subscription">,
): Promise<boolean> {
  const payments = await tx
    .select({ id: payment.id, isReversed: payment.isReversed })
    .from(payment)
    .where(and(eq(payment.userId, userId), eq(payment.subscriptionId, subscription.id)));
  const comment = subscription.cancellation_details?.comment;
  return endsPayment({ id: `invoice:${invoice.id}` }, { comment, payments });
}
