import { and, eq, notInArray } from "drizzle-orm";
import { subscription } from "@/db/schema";
import { logger } from "@/lib/logger";
import type { BillingDeps } from "../deps";
import { applyEffect, handled } from "../effect";
import { lockOwner } from "../owner";
import { getMembership, type Membership } from "../queries";
import { withTimeout } from "../stripe/call-stripe";
import { FINAL_STATUSES } from "./live-subscriptions";
import { fetchSubscription, syncSubscription } from "./sync-subscription";

const TIMEOUT_MS = 5_000;

/**
 * Syncs a user's live subscriptions with Stripe, as their events would, and returns the membership.
 * For the return from the portal, when the events may be late. If Stripe does not respond within five
 * seconds or a sync fails, returns the stored membership: the events still arrive.
 */
export async function refreshMembership(
  billing: BillingDeps,
  { userId }: { userId: string },
): Promise<Membership> {
  try {
    await withTimeout(TIMEOUT_MS, syncLiveSubscriptions(billing, userId));
  } catch (error) {
    logger.warn({ err: error, userId }, "subscriptions could not be synced on request");
  }
  return getMembership(billing.db, { userId, at: billing.clock() });
}

/** Syncs the subscriptions that are live in our copy, each in its own transaction. */
export async function syncLiveSubscriptions(billing: BillingDeps, userId: string): Promise<void> {
  const live = await billing.db
    .select({ id: subscription.id })
    .from(subscription)
    .where(and(eq(subscription.userId, userId), notInArray(subscription.status, FINAL_STATUSES)));
  for (const { id } of live) {
    const fetched = await fetchSubscription(billing, id);
    await applyEffect(billing, async (tx) => {
      const deletedAt = await lockOwner(tx, userId);
      const credits = await syncSubscription(tx, billing, { ...fetched, userId, deletedAt });
      return handled("synced on request", userId, credits);
    });
  }
}
