import Stripe from "stripe";
import { newId } from "../ids";
import type { StoredInvoice, StoredSubscription } from "../tables";

interface Given {
  customer: Stripe.Customer;
  /** Null for a one-time purchase. */
  subscription: StoredSubscription | null;
  currency: string;
  billingReason: Stripe.Invoice.BillingReason;
  lines: Stripe.InvoiceLineItem[];
  period: { start: number; end: number };
  finalizesAt: number | null;
}

/** A draft invoice. Its totals are the sums of its lines. */
export function newInvoice(created: number, given: Given): StoredInvoice {
  const id = newId("in");
  const lines = given.lines.map((line) => ({ ...line, invoice: id }));
  const subtotal = lines.reduce((sum, line) => sum + line.subtotal, 0);
  const discountAmounts = lines.flatMap((line) => line.discount_amounts ?? []);
  const total = subtotal - discountAmounts.reduce((sum, { amount }) => sum + amount, 0);
  return {
    ...blankInvoice(),
    id,
    amount_due: Math.max(0, total),
    amount_remaining: Math.max(0, total),
    automatically_finalizes_at: given.finalizesAt,
    billing_reason: given.billingReason,
    created,
    currency: given.currency,
    customer: given.customer.id,
    customer_address: given.customer.address ?? null,
    customer_email: given.customer.email,
    customer_name: given.customer.name ?? null,
    customer_phone: given.customer.phone ?? null,
    customer_shipping: given.customer.shipping,
    discounts: [...new Set(lines.flatMap((line) => line.discounts))],
    lines: { object: "list", data: lines, has_more: false, url: `/v1/invoices/${id}/lines` },
    parent: given.subscription && {
      quote_details: null,
      subscription_details: {
        metadata: given.subscription.metadata,
        subscription: given.subscription.id,
      },
      type: "subscription_details",
    },
    period_end: given.period.end,
    period_start: given.period.start,
    starting_balance: given.customer.balance,
    subtotal,
    subtotal_excluding_tax: subtotal,
    total,
    total_discount_amounts: discountAmounts,
    total_excluding_tax: total,
  };
}

function blankInvoice() {
  return {
    object: "invoice",
    account_country: "US",
    account_name: "QiFlow (simulated)",
    account_tax_ids: null,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: true,
    automatic_tax: {
      disabled_reason: null,
      enabled: false,
      liability: null,
      provider: null,
      status: null,
    },
    collection_method: "charge_automatically",
    custom_fields: null,
    customer_account: null,
    customer_tax_exempt: "none",
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    due_date: null,
    effective_at: null,
    ending_balance: null,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: "self" },
    last_finalization_error: null,
    latest_revision: null,
    livemode: false,
    metadata: {},
    next_payment_attempt: null,
    number: null,
    on_behalf_of: null,
    payment_settings: {
      default_mandate: null,
      payment_method_options: null,
      payment_method_types: null,
    },
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    statement_descriptor: null,
    status: "draft",
    status_transitions: {
      finalized_at: null,
      marked_uncollectible_at: null,
      paid_at: null,
      voided_at: null,
    },
    test_clock: null,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: null,
  } satisfies Partial<StoredInvoice>;
}

interface GivenLine {
  subscription: StoredSubscription;
  item: Stripe.SubscriptionItem;
  amount: number;
  period: { start: number; end: number };
  description: string;
  proration: boolean;
  /** Subtracted from the amount. */
  discount: number;
}

export function newInvoiceLine(given: GivenLine): Stripe.InvoiceLineItem {
  const { subscription, item, amount, discount } = given;
  const { price } = item;
  const discountId = newId("di");
  const quantity = item.quantity ?? 1;
  const product = typeof price.product === "string" ? price.product : price.product.id;
  return {
    id: newId("il"),
    object: "line_item",
    amount,
    currency: subscription.currency,
    description: given.description,
    discount_amounts: discount > 0 ? [{ amount: discount, discount: discountId }] : [],
    discountable: !given.proration,
    discounts: discount > 0 ? [discountId] : [],
    invoice: null,
    livemode: false,
    metadata: subscription.metadata,
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: given.proration ? newId("ii") : null,
        proration: given.proration,
        proration_details: given.proration ? { credited_items: null } : null,
        subscription: subscription.id,
        subscription_item: item.id,
      },
      type: "subscription_item_details",
    },
    period: given.period,
    pretax_credit_amounts: [],
    pricing: {
      price_details: { price: price.id, product },
      type: "price_details",
      unit_amount_decimal: Stripe.Decimal.from(given.proration ? amount : amount / quantity),
    },
    quantity,
    quantity_decimal: Stripe.Decimal.from(quantity),
    subscription: subscription.id,
    subtotal: amount,
    taxes: [],
  };
}

/** The line for an item of a one-time purchase. */
export function newPurchaseLine(at: number, bought: Stripe.LineItem): Stripe.InvoiceLineItem {
  const { price, amount_discount: discount, amount_subtotal: amount } = bought;
  if (price === null) {
    throw new Error(`Line item ${bought.id} has no price.`);
  }
  const discountId = newId("di");
  const quantity = bought.quantity ?? 1;
  return {
    id: newId("il"),
    object: "line_item",
    amount,
    currency: bought.currency,
    description: bought.description,
    discount_amounts: discount > 0 ? [{ amount: discount, discount: discountId }] : [],
    discountable: true,
    discounts: discount > 0 ? [discountId] : [],
    invoice: null,
    livemode: false,
    metadata: {},
    parent: {
      invoice_item_details: {
        invoice_item: newId("ii"),
        proration: false,
        proration_details: null,
        subscription: null,
      },
      subscription_item_details: null,
      type: "invoice_item_details",
    },
    period: { start: at, end: at },
    pretax_credit_amounts: [],
    pricing: {
      price_details: {
        price: price.id,
        product: typeof price.product === "string" ? price.product : price.product.id,
      },
      type: "price_details",
      unit_amount_decimal: Stripe.Decimal.from(amount / quantity),
    },
    quantity,
    quantity_decimal: Stripe.Decimal.from(quantity),
    subscription: null,
    subtotal: amount,
    taxes: [],
  };
}
