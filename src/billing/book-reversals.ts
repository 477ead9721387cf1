import { eq } from "drizzle-orm";
import { restoreCredits } from "@/credits/restore-credits";
import { revokeCredits } from "@/credits/revoke-credits";
import { endSchedules, resumeSchedules, suspendSchedules } from "@/credits/schedule";
import type { Transaction } from "@/db/client";
import { payment } from "@/db/schema";
import type { CreditWrite } from "./effect";
import type { Reversal } from "./load-reversals";
import { type PurchaseLedger, readPurchaseLedger } from "./purchase-ledger";

type Payment = typeof payment.$inferSelect;

/**
 * Brings a purchase in line with its refunds and disputes, whatever order they were heard of in:
 * takes credits back, gives them back, and ends, suspends or resumes the months still promised.
 * Each step once, by the refund's or dispute's own key.
 *
 * Locks the payment's row, so that two events about one purchase never judge at the same time.
 * Answers the credit writes, for the end of the transaction.
 */
export async function bookReversals(
  tx: Transaction,
  {
    paymentId,
    reversals,
    fullUntil,
    now,
  }: {
    paymentId: string;
    reversals: readonly Reversal[];
    /** To when the purchase makes a member if it stands; null if it never did. */
    fullUntil: Date | null;
    now: Date;
  },
): Promise<{ userId: string; credits: CreditWrite[] }> {
  const [paid] = await tx.select().from(payment).where(eq(payment.id, paymentId)).for("update");
  if (paid === undefined) throw new Error(`The payment ${paymentId} is gone.`);
  const { userId } = paid;
  const ledger = await readPurchaseLedger(tx, { userId, source: paymentId, now });
  const credits = [
    ...creditSteps(paid, { reversals, ledger, now }),
    ...scheduleSteps(paid, { reversals, now }),
  ];
  await updatePayment(tx, paid, { reversals, fullUntil, now });
  return { userId, credits };
}

const centsOf = (reversals: readonly Reversal[]) =>
  reversals.reduce((sum, { cents }) => sum + cents, 0);

const isTaken = ({ state }: Reversal) => state === "standing" || state === "open";

/**
 * What is to be revoked and restored. After each reversal the credits taken back are
 * round(granted × reversed ÷ paid), less what expired unused; the difference to what was taken
 * before is this reversal's step.
 */
function creditSteps(
  paid: Payment,
  { reversals, ledger, now }: { reversals: readonly Reversal[]; ledger: PurchaseLedger; now: Date },
): CreditWrite[] {
  const { userId, id: source, amountCents } = paid;
  const steps: CreditWrite[] = [];
  let taken = 0;
  for (const { amount, isRestored } of ledger.revocations.values())
    taken += isRestored ? 0 : amount;

  for (const { key, state } of reversals) {
    const booked = ledger.revocations.get(`${key}:revoke`);
    if (state !== "undone" || booked === undefined || booked.isRestored) continue;
    taken -= booked.amount;
    const { seq: revokeSeq } = booked;
    steps.push((tx) => restoreCredits(tx, { userId, revokeSeq, key: `${key}:restore`, now }));
  }

  const { judged, fresh } = split(paid, { reversals: reversals.filter(isTaken), ledger });
  let reversedCents = centsOf(judged);
  for (const { key, cents } of fresh) {
    reversedCents += cents;
    const share = Math.min(reversedCents, amountCents) / Math.max(amountCents, 1);
    const amount = Math.round(ledger.granted * share) - ledger.expired - taken;
    if (amount <= 0) continue;
    taken += amount;
    steps.push((tx) => revokeCredits(tx, { userId, key: `${key}:revoke`, amount, source, now }));
  }
  return steps;
}

/**
 * Which reversals were judged before: those with a revocation, and refunds within what the payment
 * has recorded as refunded, which may have had nothing to take.
 */
function split(
  { refundedCents }: Payment,
  { reversals, ledger }: { reversals: readonly Reversal[]; ledger: PurchaseLedger },
): { judged: Reversal[]; fresh: Reversal[] } {
  const judged: Reversal[] = [];
  const fresh: Reversal[] = [];
  let cumulativeCents = 0;
  for (const reversal of reversals) {
    if (reversal.kind === "refund") cumulativeCents += reversal.cents;
    const isRecorded = reversal.kind === "refund" && cumulativeCents <= refundedCents;
    const isJudged = isRecorded || ledger.revocations.has(`${reversal.key}:revoke`);
    (isJudged ? judged : fresh).push(reversal);
  }
  return { judged, fresh };
}

/** Everything paid came back to the payer: by refunds, or by disputes that were lost. */
function isUndoneWhole(paid: Payment, reversals: readonly Reversal[]): boolean {
  const gone = reversals.filter(({ state }) => state === "standing");
  return paid.amountCents > 0 && centsOf(gone) >= paid.amountCents;
}

/**
 * A full refund and a lost dispute end the purchase's schedule, an open dispute suspends it, one that
 * was won lets it go on. It is ended as of its beginning: what fell due while a run was late is not
 * granted either, as it was not counted in what was taken back.
 */
function scheduleSteps(
  paid: Payment,
  { reversals, now }: { reversals: readonly Reversal[]; now: Date },
): CreditWrite[] {
  const { memberFromAt } = paid;
  if (memberFromAt === null || reversals.length === 0) return [];
  const of = { userId: paid.userId, source: paid.id };
  const disputes = reversals.filter(({ kind }) => kind === "dispute");
  const isLost = disputes.some(({ state }) => state === "standing");
  if (isLost || isUndoneWhole(paid, reversals)) {
    return [(tx) => endSchedules(tx, { ...of, endsAt: memberFromAt })];
  }
  if (disputes.some(({ state }) => state === "open")) {
    return [(tx) => suspendSchedules(tx, { ...of, now })];
  }
  return disputes.length > 0 ? [(tx) => resumeSchedules(tx, of)] : [];
}

async function updatePayment(
  tx: Transaction,
  paid: Payment,
  {
    reversals,
    fullUntil,
    now,
  }: { reversals: readonly Reversal[]; fullUntil: Date | null; now: Date },
): Promise<void> {
  const refunds = reversals.filter(({ kind, state }) => kind === "refund" && state === "standing");
  await tx
    .update(payment)
    .set({
      refundedCents: Math.min(centsOf(refunds), paid.amountCents),
      memberUntilAt: memberUntil(paid, { isGone: isUndoneWhole(paid, reversals), fullUntil, now }),
    })
    .where(eq(payment.id, paid.id));
}

/** A purchase undone whole makes no member from now on; one whose refund failed does again. */
function memberUntil(
  { memberUntilAt, refundedCents, amountCents }: Payment,
  { isGone, fullUntil, now }: { isGone: boolean; fullUntil: Date | null; now: Date },
): Date | null {
  if (memberUntilAt === null) return null;
  if (isGone) return memberUntilAt > now ? now : memberUntilAt;
  const wasRefunded = amountCents > 0 && refundedCents >= amountCents;
  return wasRefunded && fullUntil !== null ? fullUntil : memberUntilAt;
}
