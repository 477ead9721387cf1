import { eq, or } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { payment } from "@/db/schema";
import type { BillingDeps } from "../deps";
import { applyEffect, type Effect, type Outcome } from "../effect";
import { idOf } from "../stripe/values";
import { preparePaidInvoice } from "./paid-invoice";
import { isPaid, loadSession, preparePaidSession } from "./paid-session";

interface RecordedPurchase {
  readonly paymentId: string;
  /** The paid invoice; null for a one-time purchase. */
  readonly invoiceId: string | null;
}

/** A recorded purchase, or the outcome that makes it a dead letter. */
export type FoundPurchase = RecordedPurchase | { readonly dead: Outcome };

/**
 * Finds the purchase that a payment intent paid for; null if it is not ours. A purchase whose event
 * is late is fulfilled first, so that a refund has credits to revoke.
 */
export async function findPurchase(
  billing: BillingDeps,
  paymentIntent: string,
): Promise<FoundPurchase | null> {
  const known = await findRecorded(billing.db, { paymentIntent });
  if (known !== null) return known;
  const invoicePayments = await billing.stripe.invoicePayments.list({
    payment: { type: "payment_intent", payment_intent: paymentIntent },
    limit: 1,
  });
  const invoiceId = idOf(invoicePayments.data[0]?.invoice);
  if (invoiceId !== null) return findInvoicePurchase(billing, invoiceId);
  const sessions = await billing.stripe.checkout.sessions.list({
    payment_intent: paymentIntent,
    limit: 1,
  });
  const sessionId = sessions.data[0]?.id;
  if (sessionId === undefined) return null;
  return findOrFulfil(billing, {
    id: `checkout:${sessionId}`,
    prepare: async () => {
      const loaded = await loadSession(billing, sessionId);
      return isPaid(loaded.session) ? preparePaidSession(billing, loaded) : null;
    },
  });
}

/** Finds the purchase of a paid invoice, like `findPurchase`. */
export async function findInvoicePurchase(
  billing: BillingDeps,
  invoiceId: string,
): Promise<FoundPurchase | null> {
  return findOrFulfil(billing, {
    id: `invoice:${invoiceId}`,
    prepare: () => preparePaidInvoice(billing, invoiceId),
  });
}

async function findOrFulfil(
  billing: BillingDeps,
  { id, prepare }: { id: string; prepare: () => Promise<Effect | null> },
): Promise<FoundPurchase | null> {
  if ((await findRecorded(billing.db, { id })) === null) {
    const effect = await prepare();
    if (effect === null) return null;
    const outcome = await applyEffect(billing, effect);
    if (outcome.status === "dead") return { dead: outcome };
  }
  return findRecorded(billing.db, { id });
}

async function findRecorded(
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
