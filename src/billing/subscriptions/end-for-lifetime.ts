import { and, eq, isNull, lte, notInArray, or } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { payment, subscription } from "@/db/schema";
import { isHeldLifetime } from "../purchases/held-plans";
import { enqueueStripeCall } from "../stripe/stripe-calls";
import { DISPUTE_COMMENT, FINAL_STATUSES } from "./live-subscriptions";

/** Statuses of a subscription whose period is paid. Any other one still charges for its period. */
const GOOD_STANDING = ["active", "trialing"];

/**
 * A lifetime purchase ends the user's older subscriptions: at their period's end, or at once if that
 * period is not paid. Called when the lifetime is paid and when a subscription is synced, because
 * their events arrive in any order. Requested once per pair, so a subscription that the user resumes
 * afterwards stays.
 */
export async function cancelSubscriptionsForLifetime(
  tx: Transaction,
  { userId, now }: { userId: string; now: Date },
): Promise<void> {
  const pairs = await tx
    .select({ subscriptionId: subscription.id, paymentId: payment.id })
    .from(subscription)
    .innerJoin(payment, eq(payment.userId, subscription.userId))
    .where(
      and(
        eq(subscription.userId, userId),
        notInArray(subscription.status, FINAL_STATUSES),
        or(isRenewing(), notInArray(subscription.status, GOOD_STANDING)),
        isHeldLifetime(userId),
        lte(subscription.createdAt, payment.paidAt),
      ),
    );
  for (const { subscriptionId, paymentId } of pairs) {
    await enqueueStripeCall(tx, {
      key: `${paymentId}:cancel:${subscriptionId}`,
      userId,
      call: { do: "end-for-lifetime", subscriptionId },
      now,
    });
  }
}

/** Renews, or will once the dispute that stopped the renewal is won. */
function isRenewing() {
  return or(
    and(isNull(subscription.cancelAt), eq(subscription.cancelAtPeriodEnd, false)),
    eq(subscription.cancellationComment, DISPUTE_COMMENT),
  );
}
