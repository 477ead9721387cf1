import type Stripe from "stripe";
import { newId } from "../ids";
import type { StoredBalanceTransaction, StoredCreditNote, StoredInvoice } from "../tables";

/** How a credit note on a paid invoice returns its amount, in minor units. */
export interface CreditNoteParts {
  refunds: { refund: string; amount_refunded: number }[];
  /** To the customer's balance. */
  creditAmount: number;
  outOfBandAmount: number;
}

/** A credit note on a paid invoice with one line over its whole amount. */
export function newCreditNote(
  created: number,
  invoice: StoredInvoice,
  given: {
    amount: number;
    parts: CreditNoteParts;
    number: string;
    reason: Stripe.CreditNote.Reason | null;
    memo: string | null;
    metadata: Stripe.Metadata;
  },
): StoredCreditNote {
  const { amount, parts } = given;
  const id = newId("cn");
  return {
    id,
    object: "credit_note",
    amount,
    amount_shipping: 0,
    created,
    currency: invoice.currency,
    customer: invoice.customer ?? "",
    customer_account: null,
    customer_balance_transaction: null,
    discount_amount: 0,
    discount_amounts: [],
    effective_at: created,
    invoice: invoice.id,
    lines: {
      object: "list",
      data: [newLine(amount)],
      has_more: false,
      url: `/v1/credit_notes/${id}/lines`,
    },
    livemode: false,
    memo: given.memo,
    metadata: given.metadata,
    number: given.number,
    out_of_band_amount: parts.outOfBandAmount === 0 ? null : parts.outOfBandAmount,
    pdf: `https://pay.stripe.com/credit_notes/${id}/pdf`,
    post_payment_amount: amount,
    pre_payment_amount: 0,
    pretax_credit_amounts: [],
    reason: given.reason,
    refunds: parts.refunds.map((refund) => ({
      ...refund,
      payment_record_refund: null,
      type: "refund",
    })),
    shipping_cost: null,
    status: "issued",
    subtotal: amount,
    subtotal_excluding_tax: amount,
    total: amount,
    total_excluding_tax: amount,
    total_taxes: [],
    type: "post_payment",
    voided_at: null,
  };
}

function newLine(amount: number): Stripe.CreditNoteLineItem {
  return {
    id: newId("cnli"),
    object: "credit_note_line_item",
    amount,
    description: "Credit",
    discount_amount: 0,
    discount_amounts: [],
    livemode: false,
    metadata: {},
    pretax_credit_amounts: [],
    quantity: 1,
    tax_rates: [],
    taxes: [],
    type: "custom_line_item",
    unit_amount: amount,
    unit_amount_decimal: null,
  };
}

/** A change of a customer's balance. A negative amount is credit for the customer. */
export function newCustomerBalanceTransaction(
  created: number,
  customer: Stripe.Customer,
  given: Pick<StoredBalanceTransaction, "amount" | "currency" | "type"> & {
    invoice?: string | null;
    creditNote?: string;
  },
): StoredBalanceTransaction {
  return {
    id: newId("cbtxn"),
    object: "customer_balance_transaction",
    amount: given.amount,
    checkout_session: null,
    created,
    credit_note: given.creditNote ?? null,
    currency: given.currency,
    customer: customer.id,
    customer_account: null,
    description: null,
    ending_balance: customer.balance,
    invoice: given.invoice ?? null,
    livemode: false,
    metadata: {},
    type: given.type,
  };
}
