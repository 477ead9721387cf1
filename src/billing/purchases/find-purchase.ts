import { eq } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { payment } from "@/db/schema";
import type { BillingDeps } from "../deps";
import { applyEffect, type Effect, type Outcome } from "../effect";
import { idOf } from "../stripe/values";
import { preparePaidInvoice } from "./paid-invoice";
import { isPaid, loadSession, preparePaidSession } from "./paid-session";

interface RecordedPurchase {
  readonly paymentId: string;
  /** The paid invoice, or the one of a one-time purchase; null without one. */
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
  // A one-time purchase may have an invoice as well, so sessions come first.
  const sessions = await billing.stripe.checkout.sessions.list({
    payment_intent: paymentIntent,
    limit: 1,
  });
  const session = sessions.data.find(({ mode }) => mode === "payment");
  if (session !== undefined) {
    return findOrFulfil(billing, {
      by: { id: `checkout:${session.id}` },
      prepare: async () => {
        const loaded = await loadSession(billing, session.id);
        return isPaid(loaded.session) ? preparePaidSession(billing, loaded) : null;
      },
    });
  }
  const invoicePayments = await billing.stripe.invoicePayments.list({
    payment: { type: "payment_intent", payment_intent: paymentIntent },
    limit: 1,
  });
  const invoiceId = idOf(invoicePayments.data[0]?.invoice);
  return invoiceId === null ? null : findInvoicePurchase(billing, invoiceId);
}

/** Finds the purchase of a paid invoice, like `findPurchase`. */
export async function findInvoicePurchase(
  billing: BillingDeps,
  invoiceId: string,
): Promise<FoundPurchase | null> {
  return findOrFulfil(billing, {
    by: { invoiceId },
    prepare: () => preparePaidInvoice(billing, invoiceId),
  });
}

async function findOrFulfil(
  billing: BillingDeps,
  { by, prepare }: { by: RecordedBy; prepare: () => Promise<Effect | null> },
): Promise<FoundPurchase | null> {
  if ((await findRecorded(billing.db, by)) === null) {
    const effect = await prepare();
    if (effect === null) return null;
    const outcome = await applyEffect(billing, effect);
    if (outcome.status === "dead") return { dead: outcome };
  }
  return findRecorded(billing.db, by);
}

type RecordedBy =
  | { readonly id: string }
  | { readonly invoiceId: string }
  | { readonly paymentIntent: string };

async function findRecorded(reader: Executor, by: RecordedBy): Promise<RecordedPurchase | null> {
  const [found] = await reader
    .select({ paymentId: payment.id, invoiceId: payment.invoiceId })
    .from(payment)
    .where(
      "id" in by
        ? eq(payment.id, by.id)
        : "invoiceId" in by
          ? eq(payment.invoiceId, by.invoiceId)
          : eq(payment.paymentIntentId, by.paymentIntent),
    );
  return found ?? null;
}
