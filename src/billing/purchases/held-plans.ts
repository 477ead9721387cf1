import { and, eq, gt, gte, isNotNull, lt, lte, ne, notInArray, or, type SQL } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { payment, subscription } from "@/db/schema";
import { FINAL_STATUSES } from "../subscriptions/live-subscriptions";
import { FOREVER } from "../subscriptions/membership";

/*
 * Which plans a user holds beside a purchase. These decisions read our rows, which may wait for events:
 * refresh-plans.ts brings them up to date with Stripe first. The caller has locked the user's row.
 */

/**
 * The payments of lifetimes that a user holds: those without an end. No clock decides, because the
 * server that ended an earlier lifetime may have another one.
 */
export function isHeldLifetime(userId: string): SQL | undefined {
  return and(
    eq(payment.userId, userId),
    isNotNull(payment.sessionId),
    isNotNull(payment.memberFromAt),
    eq(payment.memberUntilAt, FOREVER),
  );
}

/**
 * Whether the user held a plan beside a subscription at an instant of Stripe's: a lifetime, or the paid
 * time of another subscription that has ended. The caller asks Stripe for live subscriptions.
 */
export async function hadOtherPlan(
  tx: Transaction,
  { userId, subscriptionId, at }: { userId: string; subscriptionId: string; at: Date },
): Promise<boolean> {
  const [other] = await tx
    .select({ id: payment.id })
    .from(payment)
    .leftJoin(subscription, eq(subscription.id, payment.subscriptionId))
    .where(
      and(
        eq(payment.userId, userId),
        or(isNotNull(payment.sessionId), outlastsItsSubscription(subscriptionId)),
        lte(payment.memberFromAt, at),
        gt(payment.memberUntilAt, at),
      ),
    )
    .limit(1);
  return other !== undefined;
}

/**
 * Whether the user holds a replacement of a purchase that was reversed in full: a lifetime, another live
 * subscription, or paid time of another subscription that has ended. It was paid before the
 * purchase's membership would end. A lifetime and a subscription replace each other only if
 * bought after the reversal, because a lifetime and the rest of a running period may be held together.
 */
export async function isReplacedPurchase(
  tx: Transaction,
  { userId, id, sessionId, subscriptionId, memberUntilAt }: typeof payment.$inferSelect,
  { until, now }: { until: Date; now: Date },
): Promise<boolean> {
  const isLifetime = eq(payment.memberUntilAt, FOREVER);
  const isOtherSubscription = or(
    and(
      ne(payment.subscriptionId, subscriptionId ?? ""),
      notInArray(subscription.status, FINAL_STATUSES),
    ),
    and(outlastsItsSubscription(subscriptionId), gt(payment.memberUntilAt, now)),
  );
  const isAfterReversal =
    memberUntilAt === null ? undefined : gte(payment.memberFromAt, memberUntilAt);
  const [replacement] = await tx
    .select({ id: payment.id })
    .from(payment)
    .leftJoin(subscription, eq(subscription.id, payment.subscriptionId))
    .where(
      and(
        eq(payment.userId, userId),
        ne(payment.id, id),
        lt(payment.memberFromAt, until),
        eq(payment.isReversed, false),
        sessionId === null
          ? or(isOtherSubscription, and(isLifetime, isAfterReversal))
          : or(isLifetime, and(isOtherSubscription, isAfterReversal)),
      ),
    )
    .limit(1);
  return replacement !== undefined;
}

/** Paid time that the end of its subscription did not cut: paid late, or restored after our cancellation. */
function outlastsItsSubscription(exceptId: string | null): SQL | undefined {
  return and(
    ne(payment.subscriptionId, exceptId ?? ""),
    gt(payment.memberUntilAt, subscription.endedAt),
  );
}
