import { inArray } from "drizzle-orm";
import { payment } from "@/db/schema";
import { logger } from "@/lib/logger";
import type { BillingDeps } from "../deps";
import { applyEffect } from "../effect";
import { preparePaidInvoice } from "../purchases/paid-invoice";
import { getMembership, type Membership } from "../queries";
import { withTimeout } from "../stripe/call-stripe";
import { syncLiveSubscriptions } from "../subscriptions/refresh-subscriptions";

/** How often a user may cause a refresh in ten minutes. The billing page asks about 12 times. */
export const MEMBERSHIP_REQUESTS = 60;

const TIMEOUT_MS = 5_000;

/**
 * Syncs a user's live subscriptions with Stripe and fulfils a paid switch, as their events would, and
 * returns the membership. For the return from the portal, when the events may be late. If Stripe does not
 * respond within five seconds or a sync fails, returns the stored membership: the events still arrive.
 */
export async function refreshMembership(
  billing: BillingDeps,
  { userId }: { userId: string },
): Promise<Membership> {
  try {
    await withTimeout(TIMEOUT_MS, refresh(billing, userId));
  } catch (error) {
    logger.warn({ err: error, userId }, "subscriptions could not be synced on request");
  }
  return getMembership(billing.db, { userId, at: billing.clock() });
}

async function refresh(billing: BillingDeps, userId: string): Promise<void> {
  const latest = await syncLiveSubscriptions(billing, userId);
  if (latest.length === 0) return;
  const recorded = await billing.db
    .select({ invoiceId: payment.invoiceId })
    .from(payment)
    .where(inArray(payment.invoiceId, latest));
  for (const id of latest.filter((one) => !recorded.some(({ invoiceId }) => invoiceId === one))) {
    const { status } = await billing.stripe.invoices.retrieve(id);
    if (status === "paid") await applyEffect(billing, await preparePaidInvoice(billing, id));
  }
}
