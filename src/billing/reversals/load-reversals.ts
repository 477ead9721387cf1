import type Stripe from "stripe";
import type { BillingDeps } from "../deps";
import { idOf } from "../stripe/ask-stripe";

/** A refund or a dispute. */
export interface Reversal {
  /** `refund:re_…` or `dispute:du_…`; idempotency keys contain it. */
  readonly key: string;
  readonly kind: "refund" | "dispute";
  readonly cents: number;
  /**
   * `standing`: the money is gone (refunded, or a lost dispute). `open`: a dispute holds it back.
   * `undone`: it came back (a failed refund, a won dispute). `harmless`: an inquiry, which moves no
   * money.
   */
  readonly state: "standing" | "open" | "undone" | "harmless";
}

/** A purchase's refunds and disputes as Stripe returned them. */
export interface LoadedReversals {
  /** Oldest first, refunds before disputes. */
  readonly reversals: readonly Reversal[];
  /** When the requests began. */
  readonly fetchedAt: Date;
}

/**
 * Loads the current refunds and disputes of a purchase from Stripe. Several payments may pay one
 * invoice, so their reversals count together, whichever of them the event is about.
 */
export async function loadReversals(
  billing: BillingDeps,
  { invoiceId, paymentIntent }: { invoiceId: string | null; paymentIntent: string },
): Promise<LoadedReversals> {
  const { stripe } = billing;
  const fetchedAt = billing.clock();
  const refunds: Stripe.Refund[] = [];
  const disputes: Stripe.Dispute[] = [];
  for (const intent of await listPaymentIntents(billing, { invoiceId, paymentIntent })) {
    const filter = { payment_intent: intent, limit: 100 };
    refunds.push(...(await stripe.refunds.list(filter).autoPagingToArray({ limit: 1000 })));
    disputes.push(...(await stripe.disputes.list(filter).autoPagingToArray({ limit: 100 })));
  }
  const reversals = [
    ...oldestFirst(refunds).map(fromRefund),
    ...oldestFirst(disputes).map(fromDispute),
  ];
  return { reversals, fetchedAt };
}

/** The sum of some reversals, in cents. */
export function centsOf(reversals: readonly Reversal[]): number {
  return reversals.reduce((sum, { cents }) => sum + cents, 0);
}

/** Whether the payer has the money, or a dispute holds it back. */
export function isTaken({ state }: Reversal): boolean {
  return state === "standing" || state === "open";
}

/** Whether the payer got everything back, by refunds or lost disputes. */
export function isFullyReversed(amountCents: number, reversals: readonly Reversal[]): boolean {
  const standing = reversals.filter(({ state }) => state === "standing");
  return amountCents > 0 && centsOf(standing) >= amountCents;
}

async function listPaymentIntents(
  { stripe }: BillingDeps,
  { invoiceId, paymentIntent }: { invoiceId: string | null; paymentIntent: string },
): Promise<string[]> {
  if (invoiceId === null) return [paymentIntent];
  const payments = await stripe.invoicePayments
    .list({ invoice: invoiceId, status: "paid", limit: 100 })
    .autoPagingToArray({ limit: 1000 });
  const intents = payments.flatMap(({ payment }) => idOf(payment.payment_intent) ?? []);
  return [...new Set([paymentIntent, ...intents])];
}

/** Lists are newest first, even within one second; the sort is stable and keeps the reversed order. */
function oldestFirst<T extends { created: number }>(newestFirst: readonly T[]): T[] {
  return [...newestFirst].reverse().sort((a, b) => a.created - b.created);
}

/** A refund counts from its creation, even while the bank has it pending. */
function fromRefund({ id, amount, status }: Stripe.Refund): Reversal {
  const isUndone = status === "failed" || status === "canceled";
  const state = isUndone ? "undone" : "standing";
  return { key: `refund:${id}`, kind: "refund", cents: amount, state };
}

function fromDispute(dispute: Stripe.Dispute): Reversal {
  const { id, amount } = dispute;
  return { key: `dispute:${id}`, kind: "dispute", cents: amount, state: stateOf(dispute) };
}

/**
 * A prevented dispute may have been settled by returning the money: its balance transactions show
 * it. An appeal follows a lost dispute, whose money stays gone.
 */
function stateOf({ status, balance_transactions }: Stripe.Dispute): Reversal["state"] {
  if (status === "won") return "undone";
  if (status === "lost" || status.startsWith("appeal_")) return "standing";
  if (status === "prevented") {
    const movedCents = balance_transactions.reduce((sum, { amount }) => sum + amount, 0);
    return movedCents < 0 ? "standing" : "undone";
  }
  return status.startsWith("warning_") ? "harmless" : "open";
}
