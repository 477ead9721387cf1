import type Stripe from "stripe";
import { newId } from "../ids";
import type { StoredCharge, StoredDispute, StoredEarlyFraudWarning, StoredRefund } from "../tables";

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

/** Days that the cardholder's bank waits for evidence. */
const EVIDENCE_DAYS = 9;

export function newDispute(
  created: number,
  charge: StoredCharge,
  { amount, currency }: { amount: number; currency: string },
): StoredDispute {
  const dispute: StoredDispute = {
    id: newId("du"),
    object: "dispute",
    amount,
    balance_transactions: [],
    charge: charge.id,
    created,
    currency,
    enhanced_eligibility_types: [],
    evidence: noEvidence(),
    evidence_details: {
      due_by: created + EVIDENCE_DAYS * 86_400,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: "not_submitted",
    },
    intended_submission_method: null,
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    reason: "fraudulent",
    status: "needs_response",
  };
  dispute.balance_transactions.push(newDisputeTransaction(created, dispute, -amount));
  return dispute;
}

/** A balance transaction of a dispute: money out when it opens, money in when it is won. */
export function newDisputeTransaction(
  created: number,
  { id, charge, currency }: Pick<StoredDispute, "id" | "charge" | "currency">,
  amount: number,
): StoredDispute["balance_transactions"][number] {
  const isWithdrawn = amount < 0;
  return {
    id: newId("txn"),
    object: "balance_transaction",
    amount,
    available_on: created,
    balance_type: "payments",
    created,
    currency,
    description: `Chargeback ${isWithdrawn ? "withdrawal" : "reversal"} for ${charge}`,
    exchange_rate: null,
    fee: 0,
    fee_details: [],
    net: amount,
    reporting_category: isWithdrawn ? "dispute" : "dispute_reversal",
    source: id,
    status: "available",
    type: "adjustment",
  };
}

export function newEarlyFraudWarning(
  created: number,
  charge: StoredCharge,
): StoredEarlyFraudWarning {
  return {
    id: newId("issfr"),
    object: "radar.early_fraud_warning",
    actionable: !charge.disputed && !charge.refunded,
    charge: charge.id,
    created,
    fraud_type: "unauthorized_use_of_card",
    livemode: false,
    ...(charge.payment_intent !== null && { payment_intent: charge.payment_intent }),
  };
}

function noEvidence(): Stripe.Dispute["evidence"] {
  return {
    access_activity_log: null,
    billing_address: null,
    cancellation_policy: null,
    cancellation_policy_disclosure: null,
    cancellation_rebuttal: null,
    customer_communication: null,
    customer_email_address: null,
    customer_name: null,
    customer_purchase_ip: null,
    customer_signature: null,
    duplicate_charge_documentation: null,
    duplicate_charge_explanation: null,
    duplicate_charge_id: null,
    enhanced_evidence: {},
    product_description: null,
    receipt: null,
    refund_policy: null,
    refund_policy_disclosure: null,
    refund_refusal_explanation: null,
    service_date: null,
    service_documentation: null,
    shipping_address: null,
    shipping_carrier: null,
    shipping_date: null,
    shipping_documentation: null,
    shipping_tracking_number: null,
    uncategorized_file: null,
    uncategorized_text: null,
  };
}
