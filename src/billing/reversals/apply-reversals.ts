import { eq } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { payment } from "@/db/schema";
import { reversePurchase } from "@/ledger/reverse";
import type { CreditWrite } from "../effect";
import { earlier } from "../stripe/stripe-ids";
import type { LoadedReversals } from "./load-reversals";
import { type Promised, planSchedule } from "./plan-schedule";
import { readOtherEnd } from "./read-other-end";
import { centsOf, isFullyReversed, isTaken, type Reversal } from "./reversal";

type Payment = typeof payment.$inferSelect;

/**
 * Brings a purchase in line with its refunds and disputes, whatever order they were heard of in:
 * takes credits back, gives them back, and ends, suspends, resumes or reopens the months still
 * promised. Each step once, by the refund's or dispute's own key. What Stripe was asked for earlier
 * than what is booked already changes nothing.
 *
 * Locks the payment's row, so that two events about one purchase never judge at the same time.
 * Answers the credit write, for the end of the transaction: how much is to be taken is read and booked
 * there, under the account's lock, so that a month granted meanwhile is counted.
 */
export async function bookReversals(
  tx: Transaction,
  {
    paymentId,
    loaded: { reversals, askedAt },
    paidUntil,
    now,
  }: {
    paymentId: string;
    loaded: LoadedReversals;
    /** To when the purchase makes a member if it stands; null if it never did. */
    paidUntil: Date | null;
    now: Date;
  },
): Promise<{ userId: string; credits: CreditWrite[] }> {
  const [paid] = await tx.select().from(payment).where(eq(payment.id, paymentId)).for("update");
  if (paid === undefined) throw new Error(`The payment ${paymentId} is gone.`);
  const { userId } = paid;
  if (paid.reversalsAskedAt !== null && paid.reversalsAskedAt > askedAt) {
    return { userId, credits: [] };
  }
  const promised = { until: paidUntil, endedAt: await readOtherEnd(tx, paid) };
  const reversed = {
    userId,
    source: paymentId,
    paidCents: paid.amountCents,
    undone: reversals.filter(({ state }) => state === "undone").map(({ key }) => key),
    standing: reversals.filter(isTaken).map(({ key, cents }) => ({
      ...{ key, cents },
      judged: paid.appliedReversals.includes(key),
    })),
    schedule: planSchedule(paid, { reversals, promised }),
    now,
  };
  await updatePayment(tx, paid, { reversals, askedAt, promised, now });
  return { userId, credits: [(last) => reversePurchase(last, reversed)] };
}

async function updatePayment(
  tx: Transaction,
  paid: Payment,
  { reversals, askedAt, promised, now }: LoadedReversals & { promised: Promised; now: Date },
): Promise<void> {
  const taken = reversals.filter(isTaken);
  const takenBy = (kind: Reversal["kind"]) => centsOf(taken.filter((of) => of.kind === kind));
  const refundedCents = Math.min(takenBy("refund"), paid.amountCents);
  const judged = taken.map(({ key }) => key);
  await tx
    .update(payment)
    .set({
      refundedCents,
      disputedCents: Math.min(takenBy("dispute"), paid.amountCents - refundedCents),
      appliedReversals: [...new Set([...paid.appliedReversals, ...judged])],
      reversalsAskedAt: askedAt,
      memberUntilAt: memberUntil(paid, { reversals, promised, now }),
    })
    .where(eq(payment.id, paid.id));
}

/** A purchase undone whole makes no member from now on; one whose refund failed does again. */
function memberUntil(
  { memberUntilAt, amountCents }: Payment,
  {
    reversals,
    promised: { until, endedAt },
    now,
  }: { reversals: readonly Reversal[]; promised: Promised; now: Date },
): Date | null {
  if (memberUntilAt === null) return null;
  if (isFullyReversed(amountCents, reversals)) return earlier(memberUntilAt, now);
  if (until === null) return memberUntilAt;
  return endedAt === null ? until : earlier(until, endedAt);
}
