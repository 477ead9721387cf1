import { and, eq, inArray, notInArray } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { checkoutSession, subscription } from "@/db/schema";
import { enqueueStripeCall } from "./stripe-outbox";
import { FINAL_STATUSES } from "./subscription-status";

/**
 * Ends what a deleted account has at Stripe: live subscriptions are cancelled at once and open
 * payment pages closed, by calls written in the caller's transaction. The schedules of credits and
 * the user's row are the caller's; payments stay under the bare id.
 */
export async function closeBilling(
  tx: Transaction,
  { userId, now }: { userId: string; now: Date },
): Promise<void> {
  const live = await tx
    .select({ id: subscription.id })
    .from(subscription)
    .where(and(eq(subscription.userId, userId), notInArray(subscription.status, FINAL_STATUSES)));
  for (const { id: subscriptionId } of live) {
    await enqueueStripeCall(tx, {
      key: `account:${userId}:cancel:${subscriptionId}`,
      userId,
      call: { do: "cancel-now", subscriptionId },
      now,
    });
  }
  const open = await tx
    .select({ id: checkoutSession.id })
    .from(checkoutSession)
    .where(
      and(
        eq(checkoutSession.userId, userId),
        inArray(checkoutSession.status, ["open", "superseded"]),
      ),
    );
  for (const { id: sessionId } of open) {
    await enqueueStripeCall(tx, {
      key: `checkout:${sessionId}:expire`,
      userId,
      call: { do: "expire-session", sessionId },
      now,
    });
  }
}
