import type Stripe from "stripe";
import { newId } from "../ids";
import type { StoredCharge, StoredDispute, StoredRefund } from "../tables";

export function newRefund(
  created: number,
  charge: StoredCharge,
  { amount, reason }: { amount: number; reason: Stripe.Refund.Reason | null },
): StoredRefund {
  return {
    id: newId("re"),
    object: "refund",
    amount,
    balance_transaction: newId("txn"),
    charge: charge.id,
    created,
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    destination_details: { type: charge.payment_method_details?.type ?? "card" },
    metadata: {},
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: "succeeded",
    transfer_reversal: null,
  };
}

export function newDispute(
  created: number,
  charge: StoredCharge,
  { amount, currency }: { amount: number; currency: string },
): StoredDispute {
  return {
    id: newId("du"),
    object: "dispute",
    amount,
    balance_transactions: [disputeMoney(-amount, currency)],
    charge: charge.id,
    created,
    currency,
    intended_submission_method: null,
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    reason: "fraudulent",
    status: "needs_response",
  };
}

/** A balance transaction of a dispute: money out when it opens, money in when it is won. */
export function disputeMoney(
  amount: number,
  currency: string,
): StoredDispute["balance_transactions"][number] {
  return { id: newId("txn"), object: "balance_transaction", amount, currency, type: "adjustment" };
}
