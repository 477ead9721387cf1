import type { BillingDeps } from "../../deps";
import { type Effect, handled, ignored, nothing } from "../../effect";
import { resolveUser } from "../../owner";
import { sendPaymentFailed } from "../../purchases/receipts";
import { idOf, instantOrNull } from "../../stripe/stripe-ids";
import { planItemOf } from "../../subscriptions/live-subscriptions";
import { fetchSubscription, syncSubscription } from "../../subscriptions/sync-subscription";
import type { StoredEvent } from "../store-event";
import { objectIdOf } from "./object-id";

/**
 * `invoice.payment_failed`: the person is told, once an attempt. The membership runs on to the end of
 * what was paid; if Stripe gives up, its `customer.subscription.*` events end it. A first payment that
 * fails is told by the payment page itself.
 */
export async function onInvoicePaymentFailed(
  billing: BillingDeps,
  event: StoredEvent,
): Promise<Effect> {
  const invoice = await billing.stripe.invoices.retrieve(objectIdOf(event));
  const subscriptionId = idOf(invoice.parent?.subscription_details?.subscription);
  if (subscriptionId === null) return nothing(ignored("not a subscription's invoice"));
  const fetched = await fetchSubscription(billing, subscriptionId);
  const plan = planItemOf(billing, fetched.subscription);
  if (plan === null) return nothing(ignored("no price of ours in it"));
  return async (tx) => {
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
    const credits = await syncSubscription(tx, billing, { ...fetched, userId, deletedAt });
    if (invoice.status === "paid" || invoice.billing_reason === "subscription_create") {
      return handled("nothing to tell", userId, credits);
    }
    if (to === null) return handled("the account is deleted: nobody to tell", userId, credits);
    await sendPaymentFailed(tx, {
      to,
      invoiceId: invoice.id,
      attempt: invoice.attempt_count,
      item: plan.item.id,
      amountCents: invoice.amount_remaining,
      currency: invoice.currency,
      nextAttemptAt: instantOrNull(invoice.next_payment_attempt),
      now: billing.clock(),
    });
    return handled("told that the payment failed", userId, credits);
  };
}
