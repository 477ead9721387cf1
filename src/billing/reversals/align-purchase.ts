import { and, eq, gt, isNotNull, isNull, ne, or } from "drizzle-orm";
import { payment, subscription } from "@/db/schema";
import type { BillingDeps } from "../deps";
import { applyEffect, type Effect, handled } from "../effect";
import { isPaidLate, latePeriodEnd } from "../purchases/late-payment";
import { loadInvoice, periodEndOf, switchLineOf } from "../purchases/load-invoice";
import { FOREVER } from "../subscriptions/membership";
import { applyReversals } from "./apply-reversals";
import { loadReversals } from "./load-reversals";

/** Loads a purchase's refunds, credits and disputes and returns the effect that applies them. */
export async function alignPurchase(
  billing: BillingDeps,
  {
    paymentId,
    invoiceId,
    paymentIntent,
  }: { paymentId: string; invoiceId: string | null; paymentIntent: string | null },
): Promise<Effect> {
  const loaded = await loadReversals(billing, { invoiceId, paymentIntent });
  const paidUntil = await readPaidUntil(billing, paymentId);
  return async (tx) => {
    const now = billing.clock();
    const { userId, credits } = await applyReversals(tx, billing, {
      paymentId,
      loaded,
      paidUntil,
      now,
    });
    const count = loaded.reversals.length;
    return handled(`${paymentId}: ${count} refunds, credits and disputes`, userId, credits);
  };
}

/**
 * Applies the reversals of the user's plans whose events have not arrived, each in its own transaction:
 * of those with paid time after `since`, and of those that were reversed in full.
 */
export async function alignPlans(
  billing: BillingDeps,
  {
    userId,
    since,
    except,
    lifetimesOnly = false,
  }: { userId: string; since: Date; except?: string; lifetimesOnly?: boolean },
): Promise<void> {
  const plans = await billing.db
    .select({
      paymentId: payment.id,
      invoiceId: payment.invoiceId,
      paymentIntent: payment.paymentIntentId,
    })
    .from(payment)
    .where(
      and(
        eq(payment.userId, userId),
        except === undefined ? undefined : ne(payment.id, except),
        isNotNull(payment.memberFromAt),
        lifetimesOnly ? isNotNull(payment.sessionId) : undefined,
        isNull(payment.refusal),
        or(payment.isReversed, gt(payment.memberUntilAt, since)),
      ),
    )
    .orderBy(payment.paidAt);
  for (const plan of plans) await applyEffect(billing, await alignPurchase(billing, plan));
}

/** When the purchase's membership ends if nothing is refunded. Needed if a whole refund fails. */
async function readPaidUntil(billing: BillingDeps, paymentId: string): Promise<Date | null> {
  const [paid] = await billing.db.select().from(payment).where(eq(payment.id, paymentId));
  if (!paid?.memberFromAt) return null;
  if (paid.sessionId !== null) return FOREVER;
  if (paid.invoiceId === null) return null;
  const loaded = await loadInvoice(billing, paid.invoiceId);
  if (paid.switchedFromPriceId !== null) return switchLineOf(billing, loaded)?.endsAt ?? null;
  const [state] = await billing.db
    .select({ endedAt: subscription.endedAt })
    .from(subscription)
    .where(eq(subscription.id, paid.subscriptionId ?? ""));
  return isPaidLate(loaded.invoice, state?.endedAt ?? null)
    ? latePeriodEnd(paid.memberFromAt, billing.prices.itemOf(paid.priceId))
    : periodEndOf(loaded, paid.priceId);
}
