import { eq } from "drizzle-orm";
import { payment } from "@/db/schema";
import type { BillingDeps } from "../../deps";
import { dead, type Effect, handled, ignored, nothing } from "../../effect";
import { findPurchase } from "../../purchases/find-purchase";
import { loadInvoice, planLineOf } from "../../purchases/load-invoice";
import { bookReversals } from "../../reversals/apply-reversals";
import { loadReversals } from "../../reversals/load-reversals";
import { idOf } from "../../stripe/stripe-ids";
import { FOR_EVER } from "../../subscriptions/membership-time";
import type { StoredEvent } from "../store-event";
import { objectIdOf } from "./object-id";

/**
 * `charge.refunded`, `refund.*` and `charge.dispute.*`: whatever happened, all refunds and disputes
 * of the payment are asked of Stripe and the purchase is brought in line with them. Where the purchase
 * itself is a dead letter, so is this, and both are replayed together.
 */
export async function onReversal(billing: BillingDeps, event: StoredEvent): Promise<Effect> {
  const paymentIntent = await paymentIntentOf(billing, event);
  if (paymentIntent === null) return nothing(ignored("not a payment of ours"));
  const found = await findPurchase(billing, paymentIntent);
  if (found === null) return nothing(ignored("not a purchase of ours"));
  if ("dead" in found) return nothing(dead(`its purchase can't be booked: ${found.dead.note}`));
  const { paymentId, invoiceId } = found;
  const loaded = await loadReversals(billing, { invoiceId, paymentIntent });
  const paidUntil = await readPaidUntil(billing, paymentId);
  return async (tx) => {
    const now = billing.clock();
    const { userId, credits } = await bookReversals(tx, { paymentId, loaded, paidUntil, now });
    const count = loaded.reversals.length;
    return handled(`${paymentId}: ${count} refunds and disputes`, userId, credits);
  };
}

async function paymentIntentOf(
  { stripe }: BillingDeps,
  event: StoredEvent,
): Promise<string | null> {
  const id = objectIdOf(event);
  if (event.type.startsWith("refund.")) {
    return idOf((await stripe.refunds.retrieve(id)).payment_intent);
  }
  if (event.type.startsWith("charge.dispute.")) {
    return idOf((await stripe.disputes.retrieve(id)).payment_intent);
  }
  return idOf((await stripe.charges.retrieve(id)).payment_intent);
}

/** Until when a purchase makes its owner a member if nothing is refunded. */
async function readPaidUntil(billing: BillingDeps, paymentId: string): Promise<Date | null> {
  const [paid] = await billing.db.select().from(payment).where(eq(payment.id, paymentId));
  if (!paid?.memberFromAt) return null;
  if (paid.item === "lifetime") return FOR_EVER;
  if (paid.invoiceId === null) return null;
  const loaded = await loadInvoice(billing, paid.invoiceId);
  return planLineOf(billing, loaded)?.endsAt ?? null;
}
