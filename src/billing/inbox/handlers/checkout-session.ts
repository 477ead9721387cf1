import type Stripe from "stripe";
import type { BillingDeps } from "../../deps";
import { type Effect, handled, ignored, nothing, type Outcome } from "../../effect";
import { linkStripeCustomer } from "../../link-stripe-customer";
import { resolveUser } from "../../owner";
import { claimsOf, isPaid, loadSession } from "../../purchases/load-session";
import { preparePaidSession } from "../../purchases/prepare-session";
import { setCheckoutStatus } from "../../purchases/set-checkout-status";
import { idOf } from "../../stripe/stripe-ids";
import { planItemOf } from "../../subscriptions/live-subscriptions";
import {
  type FetchedSubscription,
  fetchSubscription,
  syncSubscription,
} from "../../subscriptions/sync-subscription";
import type { StoredEvent } from "../store-event";
import { objectIdOf } from "./object-id";

/**
 * `checkout.session.completed`, `async_payment_succeeded`, `async_payment_failed` and `expired`.
 *
 * A one-time purchase is granted when its session is paid or needs no payment, which is asked of
 * Stripe and not of the payload. A subscription's session grants nothing: its invoices do.
 */
export async function onCheckoutSession(billing: BillingDeps, event: StoredEvent): Promise<Effect> {
  const loaded = await loadSession(billing, objectIdOf(event));
  const { session } = loaded;
  if (session.mode === "subscription") {
    const subscriptionId = idOf(session.subscription);
    const fetched =
      subscriptionId === null ? null : await fetchSubscription(billing, subscriptionId);
    return noteSubscription(billing, { session, fetched, eventType: event.type });
  }
  if (session.mode !== "payment") return nothing(ignored(`a session to ${session.mode}`));
  if (isPaid(session)) return preparePaidSession(billing, loaded);
  const status = unpaidStatus(session, event.type);
  return async (tx) => {
    await setCheckoutStatus(tx, session.id, status);
    return handled(`nothing paid, nothing granted (${status})`, null);
  };
}

function unpaidStatus(
  session: Stripe.Checkout.Session,
  eventType: string,
): "complete" | "failed" | "expired" {
  if (eventType === "checkout.session.async_payment_failed") return "failed";
  return session.status === "expired" ? "expired" : "complete";
}

function noteSubscription(
  billing: BillingDeps,
  noted: {
    session: Stripe.Checkout.Session;
    fetched: FetchedSubscription | null;
    eventType: string;
  },
): Effect {
  const { session, fetched } = noted;
  const status = isPaid(session) ? "paid" : unpaidStatus(session, noted.eventType);
  if (fetched === null) {
    return async (tx) => {
      await setCheckoutStatus(tx, session.id, status);
      return handled("no subscription came of it", null);
    };
  }
  if (planItemOf(billing, fetched.subscription) === null) {
    return nothing(ignored("no price of ours in it"));
  }
  return async (tx): Promise<Outcome> => {
    const owner = await resolveUser(tx, {
      customerId: idOf(session.customer),
      sessionId: session.id,
      subscriptionId: fetched.subscription.id,
      claims: [...claimsOf(session), fetched.subscription.metadata.userId],
    });
    if ("refused" in owner) return owner.refused;
    const { userId, deletedAt } = owner;
    if (!owner.isCustomerStored) {
      await linkStripeCustomer(tx, { userId, customerId: idOf(session.customer) });
    }
    await setCheckoutStatus(tx, session.id, status);
    const credits = await syncSubscription(tx, billing, { ...fetched, userId, deletedAt });
    return handled("subscription noted; its invoices grant", userId, credits);
  };
}
