import { restoreCredits } from "@/credits/restore-credits";
import { revokeCredits } from "@/credits/revoke-credits";
import type { payment } from "@/db/schema";
import type { CreditWrite } from "./effect";
import type { PurchaseLedger } from "./purchase-ledger";
import { centsOf, isTaken, type Reversal } from "./reversal";

/**
 * What is to be revoked and restored for a purchase's reversals. After each of them the credits
 * taken back are round(granted × reversed ÷ paid), less what expired unused; the difference to what
 * was taken before is this reversal's step. Each is judged once, also if it had nothing to take.
 */
export function reversalCredits(
  paid: typeof payment.$inferSelect,
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

  const isJudged = ({ key }: Reversal) => paid.judgedReversals.includes(key);
  const standing = reversals.filter(isTaken);
  let reversedCents = centsOf(standing.filter(isJudged));
  for (const { key, cents } of standing.filter((reversal) => !isJudged(reversal))) {
    reversedCents += cents;
    const share = Math.min(reversedCents, amountCents) / Math.max(amountCents, 1);
    const amount = Math.round(ledger.granted * share) - ledger.expired - taken;
    if (amount <= 0) continue;
    taken += amount;
    steps.push((tx) => revokeCredits(tx, { userId, key: `${key}:revoke`, amount, source, now }));
  }
  return steps;
}
