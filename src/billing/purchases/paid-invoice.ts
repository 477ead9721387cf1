import { eq } from "drizzle-orm";
import type Stripe from "stripe";
import type { Transaction } from "@/db/client";
import { payment } from "@/db/schema";
import type { BillingDeps } from "../deps";
import { type Effect, handled, ignored, nothing } from "../effect";
import { linkStripeCustomer } from "../link-stripe-customer";
import { resolveUser } from "../owner";
import { idOf } from "../stripe/stripe-ids";
import { refundForDeletion } from "../subscriptions/deleted-account";
import { type FetchedSubscription, syncSubscription } from "../subscriptions/sync-subscription";
import { insertInvoicePayment } from "./insert-invoice-payment";
import { type LoadedInvoice, planLineOf, planOf } from "./load-invoice";
import { startPeriod } from "./paid-period";
import { isSecondSubscription, refuseSecondSubscription } from "./second-subscription";
import { switchPlan } from "./switch-plan";

/** A paid invoice, its subscription, and the customer's other live subscriptions. */
export interface PaidInvoice {
  readonly loaded: LoadedInvoice;
  readonly fetched: FetchedSubscription;
  readonly siblings: readonly Stripe.Subscription[];
}

/** Reasons for which Stripe bills a subscription's period, as against a correction or a one-off. */
const PERIOD_REASONS: readonly (string | null)[] = ["subscription_create", "subscription_cycle"];

/**
 * The effect of a paid invoice: its payment, the allotment of the period it pays for, and for a year
 * the schedule of the other months; once by the invoice's id, whoever brings it.
 *
 * A period whose price before discounts is zero is a trial and grants nothing; a coupon of 100% does
 * grant. Proration lines never do. A deleted account is granted nothing and refunded.
 */
export function fulfilInvoice(billing: BillingDeps, paid: PaidInvoice): Effect {
  const { loaded, fetched, siblings } = paid;
  const { invoice } = loaded;
  const plan = planOf(billing, loaded);
  if (plan === null) return nothing(ignored("no price of ours in it"));
  if (invoice.status !== "paid") return nothing(ignored(`the invoice is ${invoice.status}`));
  return async (tx) => {
    const subscriptionId = fetched.subscription.id;
    const owner = await resolveUser(tx, {
      customerId: idOf(invoice.customer),
      subscriptionId,
      claims: [
        invoice.parent?.subscription_details?.metadata?.userId,
        fetched.subscription.metadata.userId,
      ],
    });
    if ("refused" in owner) return owner.refused;
    const { userId, deletedAt, addressee: to } = owner;
    const now = billing.clock();
    const { subscription } = fetched;
    const isSecond = await isSecondSubscription(tx, { userId, subscription, siblings });
    if (!owner.isCustomerStored) {
      await linkStripeCustomer(tx, { userId, customerId: idOf(invoice.customer) });
    }
    const ends = await syncSubscription(tx, billing, { ...fetched, userId, deletedAt });
    if (await isRecorded(tx, invoice.id)) return handled("granted already", userId, ends);

    const period = planLineOf(billing, loaded);
    const paidInvoice = { userId, invoice, subscription, plan, now };
    if (to === null) {
      await insertInvoicePayment(tx, { ...paidInvoice, period: null, credits: 0 });
      if (invoice.amount_paid > 0) {
        await refundForDeletion(tx, { userId, paid: { invoiceId: invoice.id }, now });
      }
      return handled("the account is deleted: nothing granted, refunded", userId, ends);
    }
    const bill = { ...paidInvoice, to };
    if (isSecond) {
      await refuseSecondSubscription(tx, bill);
      return handled("a second subscription: nothing granted, cancelled, refunded", userId, ends);
    }
    if (period !== null && period.subtotalCents <= 0) {
      return handled("a trial: nothing granted", userId, ends);
    }
    if (PERIOD_REASONS.includes(invoice.billing_reason) && period !== null) {
      const credits = await startPeriod(tx, { ...bill, period });
      return handled(`${period.item.id} granted`, userId, [...credits, ...ends]);
    }
    if (invoice.billing_reason === "subscription_update" && period !== null) {
      const credits = await switchPlan(tx, { ...bill, period });
      return handled(`switched to ${period.item.id}`, userId, [...credits, ...ends]);
    }
    await insertInvoicePayment(tx, { ...bill, period: null, credits: 0 });
    return handled("a correction: nothing granted", userId, ends);
  };
}

async function isRecorded(tx: Transaction, invoiceId: string): Promise<boolean> {
  const [row] = await tx
    .select({ id: payment.id })
    .from(payment)
    .where(eq(payment.id, `invoice:${invoiceId}`));
  return row !== undefined;
}
