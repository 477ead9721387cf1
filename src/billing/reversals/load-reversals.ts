import type Stripe from "stripe";
import type { PaymentReversal } from "@/db/schema";
import type { BillingDeps } from "../deps";
import { balanceCentsOf } from "../purchases/load-invoice";
import { stateOfDispute } from "../stripe/disputes";
import { creditedCentsOf } from "../stripe/return-invoice";
import { idOf, instantOf } from "../stripe/values";

/** A purchase's refunds, credits and disputes as Stripe returned them. */
export interface LoadedReversals {
  /** Oldest first, refunds before credits before disputes. */
  readonly reversals: readonly PaymentReversal[];
  /** What the customer balance paid of the invoice, in its currency. */
  readonly balanceCents: number;
}

/**
 * Loads the current refunds, credits and disputes of a purchase from Stripe. Several payments may pay
 * one invoice, so their reversals count together, whichever of them the event is about. A credit is what
 * a credit note returned to the customer balance or outside Stripe; its other part is a refund.
 */
export async function loadReversals(
  billing: BillingDeps,
  {
    invoiceId,
    paymentIntent,
  }: {
    invoiceId: string | null;
    /** Null if nothing was charged, or unknown. */
    paymentIntent: string | null;
  },
): Promise<LoadedReversals> {
  const { stripe } = billing;
  const refunds: Stripe.Refund[] = [];
  const disputes: Stripe.Dispute[] = [];
  for (const intent of await listPaymentIntents(billing, { invoiceId, paymentIntent })) {
    const filter = { payment_intent: intent, limit: 100 };
    refunds.push(...(await stripe.refunds.list(filter).autoPagingToArray({ limit: 1000 })));
    disputes.push(...(await stripe.disputes.list(filter).autoPagingToArray({ limit: 100 })));
  }
  const invoice = invoiceId === null ? null : await stripe.invoices.retrieve(invoiceId);
  const notes =
    invoice === null || invoice.post_payment_credit_notes_amount === 0
      ? []
      : await stripe.creditNotes
          .list({ invoice: invoice.id, limit: 100 })
          .autoPagingToArray({ limit: 1000 });
  const reversals = [
    ...oldestFirst(refunds).map(fromRefund),
    ...oldestFirst(notes).flatMap(fromCreditNote),
    ...oldestFirst(disputes).map(fromDispute),
  ];
  return { reversals, balanceCents: invoice === null ? 0 : balanceCentsOf(invoice) };
}

async function listPaymentIntents(
  { stripe }: BillingDeps,
  { invoiceId, paymentIntent }: { invoiceId: string | null; paymentIntent: string | null },
): Promise<string[]> {
  const known = paymentIntent === null ? [] : [paymentIntent];
  if (invoiceId === null) return known;
  const payments = await stripe.invoicePayments
    .list({ invoice: invoiceId, status: "paid", limit: 100 })
    .autoPagingToArray({ limit: 1000 });
  const intents = payments.flatMap(({ payment }) => idOf(payment.payment_intent) ?? []);
  return [...new Set([...known, ...intents])];
}

/** Lists are newest first, even within one second; the sort is stable and keeps the reversed order. */
function oldestFirst<T extends { created: number }>(newestFirst: readonly T[]): T[] {
  return [...newestFirst].reverse().sort((a, b) => a.created - b.created);
}

/** A refund counts from its creation, even while the bank has it pending. */
function fromRefund({ id, amount, currency, status, created }: Stripe.Refund): PaymentReversal {
  const isUndone = status === "failed" || status === "canceled";
  const state = isUndone ? "undone" : "standing";
  const createdAt = instantOf(created).toISOString();
  return { key: `refund:${id}`, kind: "refund", amount, currency, state, createdAt };
}

function fromCreditNote(note: Stripe.CreditNote): PaymentReversal[] {
  const amount = creditedCentsOf(note);
  const { id, currency, created } = note;
  if (amount <= 0) return [];
  const createdAt = instantOf(created).toISOString();
  return [
    { key: `credit-note:${id}`, kind: "credit", amount, currency, state: "standing", createdAt },
  ];
}

function fromDispute(dispute: Stripe.Dispute): PaymentReversal {
  const { id, amount, currency } = dispute;
  return {
    key: `dispute:${id}`,
    kind: "dispute",
    amount,
    currency,
    state: stateOfDispute(dispute),
  };
}
