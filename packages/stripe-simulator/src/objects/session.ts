import type Stripe from "stripe";
import { newId } from "../ids";
import type { SessionOrder, StoredPrice, StoredSession } from "../tables";

/** How long an unpaid session stays open. */
const OPEN_SECONDS = 86_400;

/** An open session of which only the mode is known. */
export function newSession(
  created: number,
  siteUrl: string,
  mode: "payment" | "subscription",
): StoredSession {
  const id = newId("cs_test", 48);
  return {
    id,
    object: "checkout.session",
    adaptive_pricing: { enabled: false },
    after_expiration: null,
    allowed_payment_method_types: null,
    allow_promotion_codes: null,
    amount_subtotal: 0,
    amount_total: 0,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: null,
    cancel_url: null,
    client_reference_id: null,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created,
    currency: null,
    currency_conversion: null,
    customer: null,
    custom_fields: [],
    custom_text: {
      after_submit: null,
      shipping_address: null,
      submit: null,
      terms_of_service_acceptance: null,
    },
    customer_account: null,
    customer_creation: mode === "payment" ? "if_required" : null,
    customer_details: null,
    customer_email: null,
    discounts: [],
    expires_at: created + OPEN_SECONDS,
    integration_identifier: null,
    invoice: null,
    invoice_creation: mode === "payment" ? newInvoiceCreation() : null,
    livemode: false,
    locale: null,
    managed_payments: null,
    metadata: {},
    mode,
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: mode === "subscription" ? "always" : "if_required",
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: ["card"],
    payment_status: "unpaid",
    permissions: null,
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: "open",
    submit_type: null,
    subscription: null,
    success_url: null,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: "hosted_page",
    url: `${siteUrl}/pay/${id}`,
    wallet_options: null,
  };
}

/** Whether the payment of a one-time purchase creates an invoice: not unless the merchant asks for it. */
export function newInvoiceCreation({
  enabled = false,
  metadata = {},
}: {
  enabled?: boolean;
  metadata?: Stripe.Metadata;
} = {}): Stripe.Checkout.Session.InvoiceCreation {
  return {
    enabled,
    invoice_data: {
      account_tax_ids: null,
      custom_fields: null,
      description: null,
      footer: null,
      issuer: null,
      metadata,
      rendering_options: null,
    },
  };
}

export function newLineItem(
  price: StoredPrice,
  line: { description: string; quantity: number; currency: string; unitAmount: number },
): Stripe.LineItem {
  const { description, quantity, currency } = line;
  const amount = line.unitAmount * quantity;
  return {
    id: newId("li"),
    object: "item",
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: amount,
    amount_tax: 0,
    amount_total: amount,
    currency,
    description,
    metadata: {},
    price,
    quantity,
  };
}

/** Recomputes the session's totals (minor units): its lines, minus 100% for a free order. */
export function priceSession(
  session: StoredSession,
  { lineItems, isFree, subscription }: SessionOrder,
) {
  for (const line of lineItems) {
    line.amount_discount = isFree ? line.amount_subtotal : 0;
    line.amount_total = line.amount_subtotal - line.amount_discount;
  }
  const isTrial = subscription.trialDays !== null;
  const subtotal = isTrial ? 0 : lineItems.reduce((sum, line) => sum + line.amount_subtotal, 0);
  const discount = isFree ? subtotal : 0;
  session.amount_subtotal = subtotal;
  session.amount_total = subtotal - discount;
  session.total_details = { amount_discount: discount, amount_shipping: 0, amount_tax: 0 };
}
