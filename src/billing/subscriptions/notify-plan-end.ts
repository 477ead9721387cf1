import { and, eq, exists, isNotNull, isNull, not, or, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { payment, trial, user } from "@/db/schema";
import { isHeldLifetime } from "../purchases/held-plans";
import { sendBillingChange } from "../purchases/receipts";

/**
 * Reports the end of a subscription that was paid or in a trial, once. Nothing if its payment was returned,
 * which is reported with its reason, if a lifetime plan continues, or for a deleted account. The caller
 * has locked the user's row.
 */
export async function notifyPlanEnd(
  tx: Transaction,
  ended: { subscriptionId: string; item: string; userId: string; now: Date },
): Promise<void> {
  const { subscriptionId, item, userId, now } = ended;
  const one = { one: sql`1` };
  const paidPeriod = and(
    eq(payment.subscriptionId, subscriptionId),
    isNotNull(payment.memberFromAt),
    not(payment.isReversed),
  );
  const ownTrial = tx.select(one).from(trial).where(eq(trial.subscriptionId, subscriptionId));
  const [recipient] = await tx
    .select({ userId: user.id, email: user.email, locale: user.locale, timeZone: user.timeZone })
    .from(user)
    .where(
      and(
        eq(user.id, userId),
        isNull(user.deletedAt),
        or(exists(tx.select(one).from(payment).where(paidPeriod)), exists(ownTrial)),
        not(exists(tx.select(one).from(payment).where(isHeldLifetime(userId)))),
      ),
    );
  if (recipient === undefined) return;
  await sendBillingChange(tx, {
    recipient,
    key: `plan-ended:${subscriptionId}`,
    event: "plan-ended",
    item,
    amountCents: 0,
    currency: "usd",
    endsPlan: false,
    now,
  });
}
