import type Stripe from "stripe";
import { newId } from "../ids";
import type { StoredCharge, StoredDispute, StoredRefund } from "../tables";

export function newRefund(
  created: number,
  charge: StoredCharge,
  given: {
    amount: number;
    reason: Stripe.Refund.Reason | null;
  },
): StoredRefund {
  return {
    id: newId("re"),
    object: "refund",
    amount: given.amount,
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
    reason: given.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: "succeeded",
    transfer_reversal: null,
  };
}

export function newDispute(created: number, charge: StoredCharge, amount: number): StoredDispute {
  const id = newId("du");
  return {
    id,
    object: "dispute",
    amount,
    balance_transactions: [
      disputeMoney(created, { id, amount: -amount, currency: charge.currency }),
    ],
    charge: charge.id,
    created,
    currency: charge.currency,
    intended_submission_method: null,
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    reason: "fraudulent",
    status: "needs_response",
  };
}

/** The movement of money a dispute causes: out when it opens, back in when it is won. */
export function disputeMoney(
  created: number,
  given: { id: string; amount: number; currency: string },
): Stripe.BalanceTransaction {
  const fee = given.amount < 0 ? 1500 : 0;
  return {
    id: newId("txn"),
    object: "balance_transaction",
    amount: given.amount,
    available_on: created,
    balance_type: "payments",
    created,
    currency: given.currency,
    description: given.amount < 0 ? "Chargeback withdrawal" : "Chargeback reversal",
    exchange_rate: null,
    fee,
    fee_details: [],
    net: given.amount - fee,
    reporting_category: given.amount < 0 ? "dispute" : "dispute_reversal",
    source: given.id,
    status: "available",
    type: "adjustment",
  };
}
