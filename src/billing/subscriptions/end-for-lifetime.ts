import { and, eq, gt, isNotNull, isNull, lte, notInArray } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { payment, subscription } from "@/db/schema";
import { enqueueStripeCall } from "../stripe/stripe-calls";
import { FINAL_STATUSES } from "./subscription-status";

/**
 * Buying a lifetime ends the subscription that ran before it at its period's end. Called when the
 * lifetime is paid and whenever a subscription is synced, because their events come in any order.
 * Asked for once a pair, so that whoever resumes the subscription afterwards keeps it; one begun
 * after the lifetime is left alone.
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
        isNull(subscription.cancelAt),
        eq(subscription.cancelAtPeriodEnd, false),
        eq(payment.item, "lifetime"),
        isNotNull(payment.memberFromAt),
        gt(payment.memberUntilAt, now),
        lte(subscription.createdAt, payment.paidAt),
      ),
    );
  for (const { subscriptionId, paymentId } of pairs) {
    await enqueueStripeCall(tx, {
      key: `${paymentId}:cancel:${subscriptionId}`,
      userId,
      call: { do: "cancel-at-period-end", subscriptionId },
      now,
    });
  }
}
