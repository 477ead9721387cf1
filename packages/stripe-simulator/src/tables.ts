import type Stripe from "stripe";

/** T with the expandable fields K narrowed to what is stored: ids, never objects. */
type WithIds<T, K extends keyof T> = T & { [P in K]: Extract<T[P], string | null> };

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
/** Nobody argues about a dispute here, so it carries no evidence; of the money only what moved. */
export type StoredDispute = WithIds<
  Omit<
    Stripe.Dispute,
    "balance_transactions" | "evidence" | "evidence_details" | "enhanced_eligibility_types"
  >,
  "charge" | "payment_intent"
> & {
  balance_transactions: Pick<
    Stripe.BalanceTransaction,
    "id" | "object" | "amount" | "currency" | "type"
  >[];
};
export type StoredPrice = WithIds<Stripe.Price, "product">;
export type StoredPortalSession = WithIds<Stripe.BillingPortal.Session, "configuration">;

/** What a checkout session was asked for and shows nowhere until somebody pays. */
export interface SessionOrder {
  lineItems: Stripe.LineItem[];
  /** Whether the person used the coupon for 100% off. */
  isFree: boolean;
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
export class Tables {
  customers = new Map<string, Stripe.Customer>();
  deletedCustomers = new Map<string, Stripe.DeletedCustomer>();
  products = new Map<string, Stripe.Product>();
  prices = new Map<string, StoredPrice>();
  sessions = new Map<string, StoredSession>();
  orders = new Map<string, SessionOrder>();
  subscriptions = new Map<string, StoredSubscription>();
  invoices = new Map<string, StoredInvoice>();
  invoicePayments = new Map<string, StoredInvoicePayment>();
  paymentIntents = new Map<string, StoredPaymentIntent>();
  charges = new Map<string, StoredCharge>();
  refunds = new Map<string, StoredRefund>();
  disputes = new Map<string, StoredDispute>();
  portalConfigurations = new Map<string, Stripe.BillingPortal.Configuration>();
  portalSessions = new Map<string, StoredPortalSession>();
  webhookEndpoints = new Map<string, Stripe.WebhookEndpoint>();
  webhookSecrets = new Map<string, string>();
  events = new Map<string, Stripe.EventBase>();
  /** Subscription id → price it changes to at its period's end. */
  plannedSwitches = new Map<string, string>();
  /** Subscription id → proration lines waiting for its next invoice. */
  pendingProrations = new Map<string, Stripe.InvoiceLineItem[]>();
  /** Customer or subscription id → how many of its next charges are declined. */
  plannedDeclines = new Map<string, number>();
  keptAnswers = new Map<string, KeptAnswer>();
}
