import { eq } from "drizzle-orm";
import type Stripe from "stripe";
import { payment } from "@/db/schema";
import type { BillingDeps } from "../deps";
import type { Effect } from "../effect";
import { bookReversals } from "./apply-reversals";
import { loadReversals } from "./load-reversals";

/** A purchase that is about to be fulfilled. */
interface Fulfilled {
  readonly paymentId: string;
  /** The paid invoice; null for a one-time purchase. */
  readonly invoiceId: string | null;
  /** The charge that paid it; null if nothing was charged. */
  readonly charge: Stripe.Charge | null;
  /** To when it makes a member; null if it does not. */
  readonly paidUntil: Date | null;
}

/**
 * The effect of a purchase that may have been refunded or disputed before we heard of it (its event
 * was dead, or late): then what the payer has back is taken in the same transaction.
 */
export async function withReversals(
  billing: BillingDeps,
  { paymentId, invoiceId, charge, paidUntil }: Fulfilled,
  fulfil: Effect,
): Promise<Effect> {
  const intent = charge?.payment_intent ?? null;
  if (charge === null || intent === null) return fulfil;
  if (charge.amount_refunded === 0 && !charge.disputed) return fulfil;
  const paymentIntent = typeof intent === "string" ? intent : intent.id;
  const loaded = await loadReversals(billing, { invoiceId, paymentIntent });
  return async (tx) => {
    const outcome = await fulfil(tx);
    const [recorded] = await tx
      .select({ id: payment.id })
      .from(payment)
      .where(eq(payment.id, paymentId));
    if (outcome.status !== "handled" || recorded === undefined) return outcome;
    const now = billing.clock();
    const { credits } = await bookReversals(tx, { paymentId, loaded, paidUntil, now });
    const note = `${outcome.note}; ${loaded.reversals.length} refunds and disputes`;
    return { ...outcome, note, credits: [...outcome.credits, ...credits] };
  };
}
