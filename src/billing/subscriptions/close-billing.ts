import { and, eq, inArray, notInArray } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { checkoutSession, subscription, user } from "@/db/schema";
import { enqueueStripeCall } from "../stripe/stripe-calls";
import { cancelForDeletion } from "./deleted-account";
import { FINAL_STATUSES } from "./subscription-status";

/**
 * Ends what a deleted account has at Stripe: live subscriptions are cancelled at once, those we have
 * not heard of yet as well, and open payment pages closed, by calls written in the caller's
 * transaction. What is paid all the same is refunded when we hear of it (`deleted-account.ts`). The
 * schedules of credits and the user's row, which the caller has locked, are the caller's; payments
 * stay under the bare id.
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
    await cancelForDeletion(tx, { userId, subscriptionId, now });
  }
  await cancelUnheard(tx, { userId, now });
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

async function cancelUnheard(
  tx: Transaction,
  { userId, now }: { userId: string; now: Date },
): Promise<void> {
  const [owner] = await tx
    .select({ customerId: user.stripeCustomerId })
    .from(user)
    .where(eq(user.id, userId));
  if (!owner?.customerId) return;
  await enqueueStripeCall(tx, {
    key: `account:${userId}:cancel-all`,
    userId,
    call: { do: "cancel-all", customerId: owner.customerId },
    now,
  });
}
