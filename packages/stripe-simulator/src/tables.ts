import type Stripe from "stripe";

/** T with its expandable fields K narrowed to ids, as they are stored. */
type WithIds<T, K extends keyof T> = T & { [P in K]: Extract<T[P], string | null> };

export type StoredSession = WithIds<
  Stripe.Checkout.Session,
  "customer" | "invoice" | "payment_intent" | "subscription"
>;
export type StoredSubscription = WithIds<
  Stripe.Subscription,
  "customer" | "latest_invoice" | "schedule"
>;
export type StoredSchedule = WithIds<Stripe.SubscriptionSchedule, "customer" | "subscription">;
export type StoredInvoice = WithIds<Stripe.Invoice, "customer">;
export type StoredInvoicePayment = WithIds<Stripe.InvoicePayment, "invoice">;
export type StoredPaymentIntent = WithIds<
  Stripe.PaymentIntent,
  "customer" | "latest_charge" | "payment_method"
>;
export type StoredCharge = WithIds<Stripe.Charge, "customer" | "payment_intent">;
export type StoredRefund = WithIds<Stripe.Refund, "charge" | "payment_intent">;
export type StoredDispute = WithIds<Stripe.Dispute, "charge" | "payment_intent">;
export type StoredEarlyFraudWarning = WithIds<Stripe.Radar.EarlyFraudWarning, "charge">;
export type StoredCreditNote = WithIds<
  Stripe.CreditNote,
  "customer" | "customer_balance_transaction" | "invoice"
>;
export type StoredBalanceTransaction = WithIds<
  Stripe.CustomerBalanceTransaction,
  "credit_note" | "customer" | "invoice"
>;
export type StoredPrice = WithIds<Stripe.Price, "product">;
export type StoredPortalSession = WithIds<Stripe.BillingPortal.Session, "configuration">;

/** Parameters of a checkout session that the session does not show until it is paid. */
export interface SessionOrder {
  lineItems: Stripe.LineItem[];
  /** Whether the customer used the coupon for 100% off. */
  isFree: boolean;
  paymentIntent: { metadata: Stripe.Metadata };
  subscription: { metadata: Stripe.Metadata; trialDays: number | null };
}

/** The response stored for an Idempotency-Key; `fingerprint` identifies the request. */
export interface StoredResponse {
  fingerprint: string;
  status: number;
  body: string;
  requestId: string;
  createdAt: number;
}

/** The simulator's whole state. Instants are Unix seconds on the simulated clock. */
export class Tables {
  customers = new Map<string, Stripe.Customer>();
  deletedCustomers = new Map<string, Stripe.DeletedCustomer>();
  products = new Map<string, Stripe.Product>();
  prices = new Map<string, StoredPrice>();
  /** Amounts of a price in further currencies. */
  currencyOptions = new Map<string, Record<string, number>>();
  sessions = new Map<string, StoredSession>();
  orders = new Map<string, SessionOrder>();
  subscriptions = new Map<string, StoredSubscription>();
  subscriptionSchedules = new Map<string, StoredSchedule>();
  invoices = new Map<string, StoredInvoice>();
  invoicePayments = new Map<string, StoredInvoicePayment>();
  paymentIntents = new Map<string, StoredPaymentIntent>();
  charges = new Map<string, StoredCharge>();
  refunds = new Map<string, StoredRefund>();
  disputes = new Map<string, StoredDispute>();
  earlyFraudWarnings = new Map<string, StoredEarlyFraudWarning>();
  creditNotes = new Map<string, StoredCreditNote>();
  customerBalanceTransactions = new Map<string, StoredBalanceTransaction>();
  portalConfigurations = new Map<string, Stripe.BillingPortal.Configuration>();
  paymentMethodConfigurations = new Map<string, Stripe.PaymentMethodConfiguration>();
  portalSessions = new Map<string, StoredPortalSession>();
  webhookEndpoints = new Map<string, Stripe.WebhookEndpoint>();
  webhookSecrets = new Map<string, string>();
  events = new Map<string, Stripe.EventBase>();
  /** The end of a subscription's trial that `trial_will_end` has announced. */
  announcedTrialEnds = new Map<string, number>();
  /** Subscription id → proration lines waiting for its next invoice. */
  pendingProrations = new Map<string, Stripe.InvoiceLineItem[]>();
  /** Customer or subscription id → how many of its next charges are declined. */
  plannedDeclines = new Map<string, number>();
  /** Customer or subscription id → how many of its next charges need authentication. */
  plannedAuthentications = new Map<string, number>();
  storedResponses = new Map<string, StoredResponse>();
}
