import type Stripe from "stripe";

/** T with the expandable fields K narrowed to what is stored: ids, never objects. */
export type WithIds<T, K extends keyof T> = T & { [P in K]: Extract<T[P], string | null> };

export type StoredSession = WithIds<
  Stripe.Checkout.Session,
  "customer" | "invoice" | "payment_intent" | "subscription"
>;
export type StoredSubscription = WithIds<
  Stripe.Subscription,
  "customer" | "latest_invoice" | "schedule"
>;
export type StoredInvoice = WithIds<Stripe.Invoice, "customer">;
export type StoredInvoicePayment = WithIds<Stripe.InvoicePayment, "invoice">;
export type StoredPaymentIntent = WithIds<
  Stripe.PaymentIntent,
  "customer" | "latest_charge" | "payment_method"
>;
export type StoredCharge = WithIds<Stripe.Charge, "customer" | "payment_intent">;
export type StoredRefund = WithIds<Stripe.Refund, "charge" | "payment_intent">;
export type StoredDispute = WithIds<Stripe.Dispute, "charge" | "payment_intent">;
export type StoredPrice = WithIds<Stripe.Price, "product">;
export type StoredDiscount = WithIds<Stripe.Discount, "customer" | "promotion_code"> & {
  source: WithIds<Stripe.Discount.Source, "coupon">;
};
export type StoredPortalSession = WithIds<Stripe.BillingPortal.Session, "configuration">;

/** What a checkout session was asked for and shows nowhere until somebody pays. */
export interface SessionOrder {
  lineItems: Stripe.LineItem[];
  couponId: string | null;
  paymentIntent: { metadata: Stripe.Metadata };
  subscription: { metadata: Stripe.Metadata; trialDays: number | null };
}

/** An answer kept for its Idempotency-Key; `fingerprint` is what was asked. */
export interface KeptAnswer {
  fingerprint: string;
  status: number;
  body: string;
  requestId: string;
  createdAt: number;
}

/** Everything the simulator remembers. Instants are Unix seconds on the simulated clock. */
export interface Tables {
  customers: Map<string, Stripe.Customer>;
  deletedCustomers: Map<string, Stripe.DeletedCustomer>;
  products: Map<string, Stripe.Product>;
  prices: Map<string, StoredPrice>;
  coupons: Map<string, Stripe.Coupon>;
  discounts: Map<string, StoredDiscount>;
  sessions: Map<string, StoredSession>;
  orders: Map<string, SessionOrder>;
  subscriptions: Map<string, StoredSubscription>;
  invoices: Map<string, StoredInvoice>;
  invoicePayments: Map<string, StoredInvoicePayment>;
  paymentIntents: Map<string, StoredPaymentIntent>;
  charges: Map<string, StoredCharge>;
  refunds: Map<string, StoredRefund>;
  disputes: Map<string, StoredDispute>;
  portalConfigurations: Map<string, Stripe.BillingPortal.Configuration>;
  portalSessions: Map<string, StoredPortalSession>;
  webhookEndpoints: Map<string, Stripe.WebhookEndpoint>;
  webhookSecrets: Map<string, string>;
  events: Map<string, Stripe.EventBase>;
  /** Subscription id → price it changes to at its period's end. */
  plannedSwitches: Map<string, string>;
  /** Subscription id → proration lines waiting for its next invoice. */
  pendingProrations: Map<string, Stripe.InvoiceLineItem[]>;
  /** Customer or subscription id → how many of its next charges are declined. */
  plannedDeclines: Map<string, number>;
  keptAnswers: Map<string, KeptAnswer>;
}

export function emptyTables(): Tables {
  return {
    customers: new Map(),
    deletedCustomers: new Map(),
    products: new Map(),
    prices: new Map(),
    coupons: new Map(),
    discounts: new Map(),
    sessions: new Map(),
    orders: new Map(),
    subscriptions: new Map(),
    invoices: new Map(),
    invoicePayments: new Map(),
    paymentIntents: new Map(),
    charges: new Map(),
    refunds: new Map(),
    disputes: new Map(),
    portalConfigurations: new Map(),
    portalSessions: new Map(),
    webhookEndpoints: new Map(),
    webhookSecrets: new Map(),
    events: new Map(),
    plannedSwitches: new Map(),
    pendingProrations: new Map(),
    plannedDeclines: new Map(),
    keptAnswers: new Map(),
  };
}
