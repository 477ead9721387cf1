import type Stripe from "stripe";
import type { BillingDeps } from "../deps";
import { idOf } from "../stripe/stripe-ids";
import type { Reversal } from "./reversal";

/** A purchase's refunds and disputes as Stripe had them at some instant. */
export interface LoadedReversals {
  /** Oldest first, refunds before disputes. */
  readonly reversals: readonly Reversal[];
  /** When asking for them began. */
  readonly askedAt: Date;
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
  const askedAt = billing.clock();
  const refunds: Stripe.Refund[] = [];
  const disputes: Stripe.Dispute[] = [];
  for (const intent of await listPaymentIntents(billing, { invoiceId, paymentIntent })) {
    const of = { payment_intent: intent, limit: 100 };
    refunds.push(...(await stripe.refunds.list(of).autoPagingToArray({ limit: 1000 })));
    disputes.push(...(await stripe.disputes.list(of).autoPagingToArray({ limit: 100 })));
  }
  const reversals = [
    ...oldestFirst(refunds).map(ofRefund),
    ...oldestFirst(disputes).map(ofDispute),
  ];
  return { reversals, askedAt };
}

async function listPaymentIntents(
  { stripe }: BillingDeps,
  { invoiceId, paymentIntent }: { invoiceId: string | null; paymentIntent: string },
): Promise<string[]> {
  if (invoiceId === null) return [paymentIntent];
  const made = await stripe.invoicePayments
    .list({ invoice: invoiceId, status: "paid", limit: 100 })
    .autoPagingToArray({ limit: 1000 });
  const intents = made.flatMap(({ payment }) => idOf(payment.payment_intent) ?? []);
  return [...new Set([paymentIntent, ...intents])];
}

/** Lists are newest first, also within one second; a stable sort keeps that order, turned round. */
function oldestFirst<T extends { created: number }>(newestFirst: readonly T[]): T[] {
  return [...newestFirst].reverse().sort((a, b) => a.created - b.created);
}

/** A refund counts from when it is made, also while a slow bank has it pending. */
function ofRefund({ id, amount, status }: Stripe.Refund): Reversal {
  const undone = status === "failed" || status === "canceled";
  const state = undone ? "undone" : "standing";
  return { key: `refund:${id}`, kind: "refund", cents: amount, state };
}

function ofDispute(dispute: Stripe.Dispute): Reversal {
  const { id, amount } = dispute;
  return { key: `dispute:${id}`, kind: "dispute", cents: amount, state: stateOf(dispute) };
}

/**
 * A prevented dispute may have been settled by giving the money back: what its balance transactions
 * come to tells. An appeal is made of a dispute that was lost, whose money stays away meanwhile.
 */
function stateOf({ status, balance_transactions }: Stripe.Dispute): Reversal["state"] {
  if (status === "won") return "undone";
  if (status === "lost" || status.startsWith("appeal_")) return "standing";
  if (status === "prevented") {
    const moved = balance_transactions.reduce((sum, { amount }) => sum + amount, 0);
    return moved < 0 ? "standing" : "undone";
  }
  return status.startsWith("warning_") ? "harmless" : "open";
}
