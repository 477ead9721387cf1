import { and, eq, inArray, sum } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { withdrawal } from "@/db/schema";
import { adjustCredits } from "@/ledger/debit";
import { grantedAndRevoked } from "@/ledger/reads/lot-history";
import { creditTransaction } from "@/ledger/schema";
import type { CreditWrite } from "../effect";
import type { Payment } from "../queries";
import { readUse } from "./contracts";
import type { Withdrawal } from "./submit-withdrawal";

/**
 * The write that follows the reversal of a payment whose contract was withdrawn from, or none. A consumer
 * who withdraws owes nothing but the price of what they used (Article 14(5)). So what the reversal revokes
 * beyond the credits that were unused at the statement is granted again, which pays off its debt.
 */
export async function keepUsedCredits(
  tx: Transaction,
  { userId, id, subscriptionId }: Payment,
  now: Date,
): Promise<CreditWrite[]> {
  const [withdrawn] = await tx
    .select()
    .from(withdrawal)
    .where(
      and(
        eq(withdrawal.userId, userId),
        inArray(withdrawal.contractId, [id, `subscription:${subscriptionId}`]),
        eq(withdrawal.status, "refunded"),
      ),
    );
  if (withdrawn === undefined) return [];
  return [(last) => returnUsed(last, { withdrawn, userId, paymentId: id, now })];
}

/** Follows the reversal in its transaction, under the account's lock. */
async function returnUsed(
  tx: Transaction,
  {
    withdrawn: { id, submittedAt },
    userId,
    paymentId,
    now,
  }: { withdrawn: Withdrawal; userId: string; paymentId: string; now: Date },
): Promise<void> {
  const source = `withdrawal:${id}:${paymentId}`;
  const uses = await readUse(tx, { userId, payments: [{ id: paymentId }], at: submittedAt });
  const { granted, revoked } = await grantedAndRevoked(tx, { userId, source: paymentId });
  const unused = granted - (uses.get(paymentId) ?? 0);
  const [booked] = await tx
    .select({ amount: sum(creditTransaction.amount) })
    .from(creditTransaction)
    .where(and(eq(creditTransaction.userId, userId), eq(creditTransaction.source, source)));
  const kept = Math.max(0, revoked - unused);
  const amount = kept - Number(booked?.amount ?? 0);
  if (amount <= 0) return;
  await adjustCredits(tx, { userId, key: `${source}:${kept}`, amount, source, now });
}
