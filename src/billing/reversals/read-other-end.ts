import { and, eq, gt, min } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { payment, subscription, user } from "@/db/schema";
import { earlier } from "../stripe/stripe-ids";

/**
 * When something other than its refunds and disputes ended what a payment promised: the account was
 * deleted, the subscription ended, or a later period of it was billed (a switch of plans, or just
 * the next one). Null if nothing did.
 */
export async function readOtherEnd(
  tx: Transaction,
  paid: typeof payment.$inferSelect,
): Promise<Date | null> {
  const [owner] = await tx
    .select({ at: user.deletedAt })
    .from(user)
    .where(eq(user.id, paid.userId));
  const ends = [owner?.at ?? null, ...(await subscriptionEnds(tx, paid))];
  return ends
    .filter((end) => end !== null)
    .reduce<Date | null>((first, end) => (first === null ? end : earlier(first, end)), null);
}

async function subscriptionEnds(
  tx: Transaction,
  { userId, subscriptionId, memberFromAt }: typeof payment.$inferSelect,
): Promise<(Date | null)[]> {
  if (subscriptionId === null || memberFromAt === null) return [];
  const [state] = await tx
    .select({ endedAt: subscription.endedAt })
    .from(subscription)
    .where(eq(subscription.id, subscriptionId));
  const [next] = await tx
    .select({ startsAt: min(payment.memberFromAt) })
    .from(payment)
    .where(
      and(
        eq(payment.userId, userId),
        eq(payment.subscriptionId, subscriptionId),
        gt(payment.memberFromAt, memberFromAt),
      ),
    );
  return [state?.endedAt ?? null, next?.startsAt ?? null];
}
