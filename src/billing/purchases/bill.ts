import type Stripe from "stripe";
import type { SubscriptionItem } from "../catalog";
import type { Recipient } from "./receipts";

/** What one paid invoice is about, once it is known whose it is. */
export interface PaidInvoice {
  readonly userId: string;
  /** Whom to write to about it. */
  readonly to: Recipient;
  readonly invoice: Stripe.Invoice;
  /** As Stripe told it with the invoice. */
  readonly subscription: Stripe.Subscription;
  readonly plan: { readonly item: SubscriptionItem; readonly priceId: string };
  readonly now: Date;
}
