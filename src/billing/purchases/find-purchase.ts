import { eq, or } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { payment } from "@/db/schema";
import type { BillingDeps } from "../deps";
import { applyEffect, type Effect, type Outcome } from "../effect";
import { idOf } from "../stripe/stripe-ids";
import { isPaid, loadSession } from "./load-session";
import { preparePaidInvoice } from "./prepare-invoice";
import { preparePaidSession } from "./prepare-session";

/** A recorded purchase. */
interface RecordedPurchase {
  readonly paymentId: string;
  /** The invoice that was paid; null for a one-time purchase. */
  readonly invoiceId: string | null;
}

/** A purchase of ours, or why it can't be recorded yet: an admin has to look at it. */
export type FoundPurchase = RecordedPurchase | { readonly dead: Outcome };

/**
 * The purchase that a payment intent paid for; null if it is none of ours. A purchase we have not
 * heard of yet (its event is late) is fulfilled first, so that what is taken back was given.
 */
export async function findPurchase(
  billing: BillingDeps,
  paymentIntent: string,
): Promise<FoundPurchase | null> {
  const known = await recorded(billing.db, { paymentIntent });
  if (known !== null) return known;
  const made = await billing.stripe.invoicePayments.list({
    payment: { type: "payment_intent", payment_intent: paymentIntent },
    limit: 1,
  });
  const invoiceId = idOf(made.data[0]?.invoice);
  if (invoiceId !== null) return findInvoice(billing, invoiceId);
  const sessions = await billing.stripe.checkout.sessions.list({
    payment_intent: paymentIntent,
    limit: 1,
  });
  const session = sessions.data[0];
  return session === undefined ? null : findSession(billing, session.id);
}

async function findInvoice(billing: BillingDeps, invoiceId: string): Promise<FoundPurchase | null> {
  return findOrFulfil(billing, `invoice:${invoiceId}`, async () =>
    preparePaidInvoice(billing, invoiceId),
  );
}

async function findSession(billing: BillingDeps, sessionId: string): Promise<FoundPurchase | null> {
  return findOrFulfil(billing, `checkout:${sessionId}`, async () => {
    const loaded = await loadSession(billing, sessionId);
    return isPaid(loaded.session) ? preparePaidSession(billing, loaded) : null;
  });
}

async function findOrFulfil(
  billing: BillingDeps,
  id: string,
  prepare: () => Promise<Effect | null>,
): Promise<FoundPurchase | null> {
  if ((await recorded(billing.db, { id })) === null) {
    const effect = await prepare();
    if (effect === null) return null;
    const outcome = await applyEffect(billing, effect);
    if (outcome.status === "dead") return { dead: outcome };
  }
  return recorded(billing.db, { id });
}

async function recorded(
  reader: Executor,
  by: { id?: string; paymentIntent?: string },
): Promise<RecordedPurchase | null> {
  const [found] = await reader
    .select({ paymentId: payment.id, invoiceId: payment.invoiceId })
    .from(payment)
    .where(
      or(
        by.id === undefined ? undefined : eq(payment.id, by.id),
        by.paymentIntent === undefined ? undefined : eq(payment.paymentIntentId, by.paymentIntent),
      ),
    );
  return found ?? null;
}
