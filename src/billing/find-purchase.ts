import { eq, or } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { payment } from "@/db/schema";
import type { Billing } from "./context";
import { applyEffect } from "./effect";
import { fulfilSession } from "./fulfil-session";
import { isPaid, loadSession } from "./load-session";
import { preparePaidInvoice } from "./prepare-invoice";
import { idOf, instantOf } from "./stripe-ids";

/**
 * The id of the purchase that a payment intent paid for; null if it is none of ours. A purchase we
 * have not heard of yet (its event is late) is fulfilled first, so that what is taken back was given.
 */
export async function findPurchase(
  billing: Billing,
  paymentIntent: string,
): Promise<string | null> {
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

async function findInvoice(billing: Billing, invoiceId: string): Promise<string | null> {
  const id = `invoice:${invoiceId}`;
  if ((await recorded(billing.db, { id })) === null) {
    await applyEffect(billing, await preparePaidInvoice(billing, invoiceId));
  }
  return recorded(billing.db, { id });
}

async function findSession(billing: Billing, sessionId: string): Promise<string | null> {
  const id = `checkout:${sessionId}`;
  if ((await recorded(billing.db, { id })) === null) {
    const loaded = await loadSession(billing, sessionId);
    if (!isPaid(loaded.session)) return null;
    const paidAt = instantOf(loaded.session.created);
    await applyEffect(billing, fulfilSession(billing, loaded, paidAt));
  }
  return recorded(billing.db, { id });
}

async function recorded(
  reader: Reader,
  by: { id?: string; paymentIntent?: string },
): Promise<string | null> {
  const [found] = await reader
    .select({ id: payment.id })
    .from(payment)
    .where(
      or(
        by.id === undefined ? undefined : eq(payment.id, by.id),
        by.paymentIntent === undefined ? undefined : eq(payment.paymentIntentId, by.paymentIntent),
      ),
    );
  return found?.id ?? null;
}
