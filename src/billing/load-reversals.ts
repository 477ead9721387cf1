import type Stripe from "stripe";
import type { Billing } from "./context";

/** A refund or a dispute, as far as the books care. */
export interface Reversal {
  /** Names it in keys: `refund:re_…`, `dispute:du_…`. */
  readonly key: string;
  readonly kind: "refund" | "dispute";
  readonly cents: number;
  /**
   * `standing`: the money is gone (refunded, or a dispute lost). `open`: a dispute holds it back.
   * `undone`: it came back (a refund that failed, a dispute that was won). `harmless`: a bank's
   * inquiry, which moves no money.
   */
  readonly state: "standing" | "open" | "undone" | "harmless";
}

/** All refunds and disputes of a payment as Stripe has them now, oldest first of each kind. */
export async function loadReversals(
  { stripe }: Billing,
  paymentIntent: string,
): Promise<Reversal[]> {
  const of = { payment_intent: paymentIntent, limit: 100 };
  const refunds = await stripe.refunds.list(of).autoPagingToArray({ limit: 1000 });
  const disputes = await stripe.disputes.list(of).autoPagingToArray({ limit: 100 });
  // Lists are newest first, also within one second.
  return [...refunds.reverse().map(ofRefund), ...disputes.reverse().map(ofDispute)];
}

/** A refund counts from when it is made, also while a slow bank has it pending. */
function ofRefund({ id, amount, status }: Stripe.Refund): Reversal {
  const undone = status === "failed" || status === "canceled";
  const state = undone ? "undone" : "standing";
  return { key: `refund:${id}`, kind: "refund", cents: amount, state };
}

function ofDispute({ id, amount, status }: Stripe.Dispute): Reversal {
  return { key: `dispute:${id}`, kind: "dispute", cents: amount, state: stateOf(status) };
}

function stateOf(status: Stripe.Dispute.Status): Reversal["state"] {
  if (status === "won" || status === "prevented") return "undone";
  if (status === "lost") return "standing";
  return status.startsWith("warning_") ? "harmless" : "open";
}
