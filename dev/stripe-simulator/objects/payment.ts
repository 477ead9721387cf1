import type Stripe from "stripe";
import { newId } from "../ids";
import type { StoredCharge, StoredInvoicePayment, StoredPaymentIntent } from "../tables";

/** How the customer pays. `bank` is a debit that settles days later. */
export type PaymentMethod = "card" | "alipay" | "wechat_pay" | "bank";

interface Given {
  amount: number;
  currency: string;
  customer: string | null;
  description: string | null;
  metadata: Stripe.Metadata;
}

export function newPaymentIntent(created: number, given: Given): StoredPaymentIntent {
  const id = newId("pi");
  return {
    id,
    object: "payment_intent",
    allowed_payment_method_types: null,
    amount: given.amount,
    amount_capturable: 0,
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: "automatic_async",
    client_secret: `${id}_secret_${newId("x", 20).slice(2)}`,
    confirmation_method: "automatic",
    created,
    currency: given.currency,
    customer: given.customer,
    customer_account: null,
    description: given.description,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: given.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: null,
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: ["card"],
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: "requires_payment_method",
    transfer_group: null,
  };
}

export function newCharge(
  created: number,
  intent: StoredPaymentIntent,
  given: {
    status: "succeeded" | "pending" | "failed";
    method: PaymentMethod;
    email: string | null;
    siteUrl: string;
  },
): StoredCharge {
  const id = newId("ch");
  const succeeded = given.status === "succeeded";
  const failed = given.status === "failed";
  return {
    id,
    object: "charge",
    amount: intent.amount,
    amount_captured: succeeded ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: succeeded ? newId("txn") : null,
    billing_details: { address: null, email: given.email, name: null, phone: null, tax_id: null },
    calculated_statement_descriptor: "QIFLOW",
    captured: succeeded,
    created,
    currency: intent.currency,
    customer: intent.customer,
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: failed ? "card_declined" : null,
    failure_message: failed ? "Your card was declined." : null,
    fraud_details: {},
    livemode: false,
    metadata: intent.metadata,
    on_behalf_of: null,
    outcome: outcome(failed),
    paid: succeeded,
    payment_intent: intent.id,
    payment_method: intent.payment_method,
    payment_method_details: methodDetails(given.method),
    receipt_email: null,
    receipt_number: null,
    receipt_url: succeeded ? `${given.siteUrl}/receipt/${id}` : null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: given.status,
    transfer_data: null,
    transfer_group: null,
  };
}

export function newInvoicePayment(
  created: number,
  given: { invoice: string; paymentIntent: string; amount: number; currency: string },
): StoredInvoicePayment {
  return {
    id: newId("inpay"),
    object: "invoice_payment",
    amount_paid: null,
    amount_requested: given.amount,
    created,
    currency: given.currency,
    invoice: given.invoice,
    is_default: true,
    livemode: false,
    payment: { payment_intent: given.paymentIntent, type: "payment_intent" },
    status: "open",
    status_transitions: { canceled_at: null, paid_at: null },
  };
}

function outcome(failed: boolean): Stripe.Charge.Outcome {
  return {
    advice_code: null,
    network_advice_code: null,
    network_decline_code: failed ? "05" : null,
    network_status: failed ? "declined_by_network" : "approved_by_network",
    reason: failed ? "generic_decline" : null,
    risk_level: "normal",
    seller_message: failed ? "The bank did not return any further details." : "Payment complete.",
    type: failed ? "issuer_declined" : "authorized",
  };
}

function methodDetails(method: PaymentMethod): Stripe.Charge.PaymentMethodDetails {
  switch (method) {
    case "alipay":
      return { type: "alipay", alipay: { fingerprint: null, transaction_id: null } };
    case "wechat_pay":
      return { type: "wechat_pay", wechat_pay: { fingerprint: null, transaction_id: null } };
    case "bank":
      return { type: "us_bank_account", us_bank_account: bankAccount };
    default:
      return { type: "card", card: testCard };
  }
}

const bankAccount: Stripe.Charge.PaymentMethodDetails.UsBankAccount = {
  account_holder_type: "individual",
  account_type: "checking",
  bank_name: "STRIPE TEST BANK",
  fingerprint: null,
  last4: "6789",
  payment_reference: null,
  routing_number: "110000000",
};

const testCard: Stripe.Charge.PaymentMethodDetails.Card = {
  amount_authorized: null,
  authorization_code: null,
  brand: "visa",
  checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: "pass" },
  country: "US",
  electronic_commerce_indicator: null,
  exp_month: 12,
  exp_year: 2040,
  fingerprint: null,
  funding: "credit",
  installments: null,
  last4: "4242",
  mandate: null,
  network: "visa",
  network_transaction_id: null,
  regulated_status: "unregulated",
  three_d_secure: null,
  transaction_link_id: null,
  wallet: null,
};
