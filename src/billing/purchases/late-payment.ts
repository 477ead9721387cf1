import type Stripe from "stripe";
import { type Item, monthsPaid } from "@/catalog/items";
import type { Transaction } from "@/db/client";
import { monthsAfter } from "@/lib/utc-period";
import type { BillingDeps } from "../deps";
import { enqueueStripeCall } from "../stripe/stripe-calls";
import { hadOtherPlan } from "./held-plans";
import { balanceCentsOf, type LoadedInvoice, type PlanLine, planLineOf } from "./load-invoice";
import { insertInvoicePayment, type PaidInvoice, paidAtOf } from "./paid-period";
import { sendLatePaymentRefunded } from "./receipts";

/*
 * Invoices that are paid after their subscription has ended. We void them at the end, but the payment can
 * come first. Such a payment is refunded if its owner has another plan by then. Otherwise it buys the
 * whole period, which runs from the payment.
 */

/** Whether the invoice was paid after its subscription's end, by Stripe's clock for both. */
export function isPaidLate(invoice: Stripe.Invoice, endedAt: Date | null): boolean {
  return endedAt !== null && paidAtOf(invoice) > endedAt;
}

/** The period that an invoice buys. If it is paid late, the period starts with the payment. */
export function boughtPeriodOf(
  billing: BillingDeps,
  loaded: LoadedInvoice,
  endedAt: Date | null,
): PlanLine | null {
  const billed = planLineOf(billing, loaded);
  if (billed === null || !isPaidLate(loaded.invoice, endedAt)) return billed;
  const startsAt = paidAtOf(loaded.invoice);
  return { ...billed, startsAt, endsAt: latePeriodEnd(startsAt, billed.item) };
}

/** The end of a whole period of a plan that runs from a late payment. */
export function latePeriodEnd(startsAt: Date, item: Item | null): Date {
  return monthsAfter(startsAt, item?.kind === "subscription" ? monthsPaid(item) : 1);
}

/**
 * Whether the user had another plan when the invoice was paid: another live subscription (`siblings`), a
 * lifetime, or paid time of another subscription that has ended.
 */
export async function hasOtherPlan(
  tx: Transaction,
  late: {
    userId: string;
    invoice: Stripe.Invoice;
    subscriptionId: string;
    siblings: readonly Stripe.Subscription[];
  },
): Promise<boolean> {
  const { invoice, siblings } = late;
  return siblings.length > 0 || hadOtherPlan(tx, { ...late, at: paidAtOf(invoice) });
}

/**
 * Records and refunds a payment that its subscription's end has made worthless, and emails the user: a late
 * payment beside another plan, or a switch whose period was never paid.
 */
export async function refundLatePayment(tx: Transaction, late: PaidInvoice): Promise<void> {
  const { recipient, userId, invoice, plan, now } = late;
  await insertInvoicePayment(tx, { ...late, period: null, credits: 0, refusal: "late" });
  await enqueueStripeCall(tx, {
    key: `late-payment:${invoice.id}:refund`,
    userId,
    call: { do: "refund-invoice", invoiceId: invoice.id, reason: "duplicate" },
    now,
  });
  const balanceCents = balanceCentsOf(invoice);
  await sendLatePaymentRefunded(tx, {
    recipient,
    invoiceId: invoice.id,
    item: plan.item.id,
    amountCents: Math.max(0, invoice.amount_paid) + balanceCents,
    balanceCents,
    currency: invoice.currency,
    isSwitch: invoice.billing_reason === "subscription_update",
    now,
  });
}
