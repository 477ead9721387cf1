import type Stripe from "stripe";
import type { BillingDeps } from "../deps";
import { instantOf } from "../stripe/stripe-ids";

/** A one-time purchase as Stripe tells it now. */
export interface LoadedSession {
  readonly session: Stripe.Checkout.Session;
  readonly lines: readonly Stripe.LineItem[];
}

/** Fetches a session with its lines and, through the payment intent, its charge. */
export async function loadSession(billing: BillingDeps, id: string): Promise<LoadedSession> {
  const session = await billing.stripe.checkout.sessions.retrieve(id, {
    expand: ["line_items", "payment_intent.latest_charge"],
  });
  const first = session.line_items;
  const lines =
    first === undefined || first.has_more
      ? await billing.stripe.checkout.sessions
          .listLineItems(id, { limit: 100 })
          .autoPagingToArray({ limit: 1000 })
      : first.data;
  return { session, lines };
}

/** Whether the money is there, or none is needed (a coupon of 100%). Completed alone proves nothing. */
export function isPaid(session: Stripe.Checkout.Session): boolean {
  return (
    session.status === "complete" &&
    (session.payment_status === "paid" || session.payment_status === "no_payment_required")
  );
}

/** The charge that paid, as `loadSession` expands it; null where nothing was charged. */
export function chargeOf({
  payment_intent: intent,
}: Stripe.Checkout.Session): Stripe.Charge | null {
  const charge = intent !== null && typeof intent !== "string" ? intent.latest_charge : null;
  return charge !== null && typeof charge !== "string" ? charge : null;
}

/**
 * When the purchase was paid: the charge's instant, or the session's own where nothing was charged.
 * Read of the objects alone, so that it is the same whoever tells of the payment and when; a
 * lifetime's months count from it.
 */
export function paymentInstant(session: Stripe.Checkout.Session): Date {
  return instantOf(chargeOf(session)?.created ?? session.created);
}

/**
 * Whom the session names. Only what we write ourselves counts: a payment link lets whoever opens it
 * choose the reference id.
 */
export function claimsOf(session: Stripe.Checkout.Session): (string | null | undefined)[] {
  const reference = session.payment_link === null ? session.client_reference_id : null;
  return [reference, session.metadata?.userId];
}
