import { subSeconds } from "date-fns";
import { and, eq, inArray, isNotNull, isNull } from "drizzle-orm";
import { ITEMS } from "@/catalog/items";
import { checkoutSession, payment, user } from "@/db/schema";
import type { BillingDeps } from "../deps";
import { applyEffect } from "../effect";
import { alignPlans } from "../reversals/align-purchase";
import { noneIfMissing } from "../stripe/call-stripe";
import { syncLiveSubscriptions } from "../subscriptions/refresh-subscriptions";
import { CATCH_UP_SECONDS } from "./fulfil-invoice";
import { preparePaidInvoice } from "./paid-invoice";
import { fulfilPaidSessions, loadSession, prepareSession } from "./paid-session";
import { PeriodNotPaid } from "./switch-within-period";

export const LIFETIME_ITEMS = ITEMS.filter(({ kind }) => kind === "lifetime").map(({ id }) => id);

/**
 * Brings the user's other plans up to date with Stripe before the reversal of a purchase may be undone,
 * because a replacement keeps the purchase ended (held-plans.ts) and its events may be late. Does nothing
 * unless the purchase is a plan that was reversed in full.
 */
export async function refreshOtherPlans(
  billing: BillingDeps,
  { paymentId }: { paymentId: string },
): Promise<void> {
  const [reversed] = await billing.db
    .select({
      userId: payment.userId,
      since: payment.memberFromAt,
      customerId: user.stripeCustomerId,
    })
    .from(payment)
    .innerJoin(user, eq(user.id, payment.userId))
    .where(
      and(
        eq(payment.id, paymentId),
        eq(payment.isReversed, true),
        isNotNull(payment.memberFromAt),
        isNull(payment.refusal),
      ),
    );
  if (!reversed?.since) return;
  const { userId, since, customerId } = reversed;
  if (customerId !== null) {
    const paid = { customerId, since: subSeconds(billing.clock(), CATCH_UP_SECONDS) };
    await fulfilPaidSessions(billing, paid);
    await fulfilPaidInvoices(billing, paid);
  }
  await syncLiveSubscriptions(billing, userId);
  await alignPlans(billing, { userId, since, except: paymentId });
}

/**
 * Brings the user's lifetimes up to date with Stripe: payment pages that were completed since our row was
 * written, bank debits that settled or failed, refunds and disputes. Each in its own transaction.
 */
export async function refreshLifetimes(
  billing: BillingDeps,
  { userId }: { userId: string },
): Promise<void> {
  const { db } = billing;
  const unfinished = await db
    .select({ id: checkoutSession.id })
    .from(checkoutSession)
    .where(
      and(
        eq(checkoutSession.userId, userId),
        inArray(checkoutSession.item, LIFETIME_ITEMS),
        inArray(checkoutSession.status, ["open", "complete"]),
      ),
    )
    .orderBy(checkoutSession.createdAt);
  for (const { id } of unfinished) {
    const loaded = await loadSession(billing, id);
    if (loaded.session.status === "open") continue;
    await applyEffect(billing, await prepareSession(billing, loaded));
  }
  await alignPlans(billing, { userId, since: billing.clock(), lifetimesOnly: true });
}

/** Fulfils the paid invoices of a customer whose events have not arrived, like `fulfilPaidSessions`. */
async function fulfilPaidInvoices(
  billing: BillingDeps,
  { customerId, since }: { customerId: string; since: Date },
): Promise<void> {
  const created = { gte: Math.floor(since.getTime() / 1000) };
  const invoices = await noneIfMissing(
    billing.stripe.invoices
      .list({ customer: customerId, status: "paid", created, limit: 100 })
      .autoPagingToArray({ limit: 1000 }),
  );
  const ours = invoices.filter(({ parent }) => parent?.subscription_details?.metadata?.userId);
  const ids = ours.map(({ id }) => id);
  const recorded = await billing.db
    .select({ invoiceId: payment.invoiceId })
    .from(payment)
    .where(inArray(payment.invoiceId, ids));
  const known = new Set(recorded.map(({ invoiceId }) => invoiceId));
  for (const id of ids.reverse()) {
    if (known.has(id)) continue;
    try {
      await applyEffect(billing, await preparePaidInvoice(billing, id));
    } catch (error) {
      // Its own event is retried.
      if (!(error instanceof PeriodNotPaid)) throw error;
    }
  }
}
