import { min as earliest, max as latest } from "date-fns";
import { and, eq, gt, isNull, lte, min } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { payment, subscription, type user } from "@/db/schema";
import type { SchedulePlan } from "@/ledger/reverse";
import { switchEndOf } from "../purchases/upgrade-credits";
import { earlier } from "../stripe/values";
import { endsPayment } from "../subscriptions/live-subscriptions";
import { FOREVER } from "../subscriptions/membership";
import type { ReversedPart } from "./reversed-share";

/*
 * What a purchase promises apart from its reversals: time as a member and monthly credits, until
 * something other than a reversal ends them.
 */

export type Payment = typeof payment.$inferSelect;
export type Owner = typeof user.$inferSelect;

/** What a purchase grants while it is valid. */
export interface Promised {
  /** End of the paid time; null if unknown, because its price left the catalogue. */
  readonly until: Date | null;
  /** When something other than a reversal ended it; null if nothing did. */
  readonly endedAt: Date | null;
}

/**
 * When something other than a reversal ended what a payment promised: the account's deletion, the
 * subscription's end (except by `endsPayment`), the next billed period, or a switch of plans. Null if
 * nothing. The subscription's end does not count if the payment was made after it, a switch within the
 * period not if it and all later payments were reversed in full.
 */
export async function readOtherEnd(
  tx: Transaction,
  { owner, paid }: { owner: Owner | null; paid: Payment },
): Promise<Date | null> {
  const ends = [owner?.deletedAt, ...(await readSubscriptionEnds(tx, paid))].filter(
    (end) => end !== null && end !== undefined,
  );
  return ends.length === 0 ? null : earliest(ends);
}

async function readSubscriptionEnds(tx: Transaction, paid: Payment): Promise<(Date | null)[]> {
  const { userId, id, subscriptionId, memberFromAt, paidAt } = paid;
  if (subscriptionId === null || memberFromAt === null) return [];
  const [state] = await tx
    .select({ endedAt: subscription.endedAt, comment: subscription.cancellationComment })
    .from(subscription)
    .where(eq(subscription.id, subscriptionId));
  const endedAt = state?.endedAt ?? null;
  if (endedAt !== null && paidAt > endedAt) return [];
  const ofSubscription = and(
    eq(payment.userId, userId),
    eq(payment.subscriptionId, subscriptionId),
  );
  const [next] = await tx
    .select({ startsAt: min(payment.memberFromAt) })
    .from(payment)
    .where(
      and(
        ofSubscription,
        gt(payment.memberFromAt, memberFromAt),
        isNull(payment.switchedFromPriceId),
        endedAt === null ? undefined : lte(payment.paidAt, endedAt),
      ),
    );
  const payments = await tx
    .select({
      id: payment.id,
      isReversed: payment.isReversed,
      memberFromAt: payment.memberFromAt,
      switchedFromPriceId: payment.switchedFromPriceId,
    })
    .from(payment)
    .where(ofSubscription);
  const isEnded = endsPayment({ id }, { comment: state?.comment, payments });
  return [isEnded ? endedAt : null, next?.startsAt ?? null, switchEndOf(paid, payments)];
}

/**
 * A whole reversal ends the schedule from its beginning, so that months a late run has not granted
 * are not granted after the revocation. An open dispute suspends it; once all disputes are closed, or
 * a whole refund has failed, it resumes. Null if there is no schedule to change.
 */
export function planSchedule(
  { memberFromAt: from }: Payment,
  {
    parts,
    isReversed,
    promised: { until, endedAt },
  }: { parts: readonly ReversedPart[]; isReversed: boolean; promised: Promised },
): SchedulePlan | null {
  if (from === null || parts.length === 0) return null;
  if (isReversed) return { ended: true, from };
  const disputes = parts.filter(({ kind }) => kind === "dispute");
  const isOpen = disputes.some(({ state }) => state === "open");
  return {
    ended: false,
    from,
    reopens: until !== null,
    until: until === null || until >= FOREVER ? null : until,
    endsAt: until !== null && endedAt !== null && endedAt < until ? endedAt : null,
    dispute: isOpen ? "open" : disputes.length > 0 ? "settled" : "none",
  };
}

/** A whole reversal ends membership; a whole refund that failed restores it. */
export function memberUntil(
  { memberFromAt, memberUntilAt }: Payment,
  {
    reversedAt: reversed,
    promised: { until, endedAt },
  }: { reversedAt: Date | null; promised: Promised },
): Date | null {
  if (memberUntilAt === null) return null;
  if (reversed !== null)
    return earlier(memberUntilAt, latest([reversed, memberFromAt ?? reversed]));
  if (until === null) return memberUntilAt;
  return endedAt === null ? until : earlier(until, endedAt);
}
