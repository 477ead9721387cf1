import { and, eq, notInArray } from "drizzle-orm";
import { subscription } from "@/db/schema";
import type { BillingDeps } from "../deps";
import { applyEffect, handled } from "../effect";
import { lockOwner } from "../owner";
import { idOf } from "../stripe/values";
import { FINAL_STATUSES } from "./live-subscriptions";
import { fetchSubscription, syncSubscription } from "./sync-subscription";

/**
 * Syncs the subscriptions that are live in our copy, each in its own transaction. Returns the ids of their
 * latest invoices.
 */
export async function syncLiveSubscriptions(
  billing: BillingDeps,
  userId: string,
): Promise<string[]> {
  const latestInvoices: string[] = [];
  const live = await billing.db
    .select({ id: subscription.id })
    .from(subscription)
    .where(and(eq(subscription.userId, userId), notInArray(subscription.status, FINAL_STATUSES)));
  for (const { id } of live) {
    const fetched = await fetchSubscription(billing, id);
    const latest = idOf(fetched.subscription.latest_invoice);
    if (latest !== null) latestInvoices.push(latest);
    await applyEffect(billing, async (tx) => {
      const deletedAt = await lockOwner(tx, userId);
      const credits = await syncSubscription(tx, billing, { ...fetched, userId, deletedAt });
      return handled("synced on request", userId, credits);
    });
  }
  return latestInvoices;
}
