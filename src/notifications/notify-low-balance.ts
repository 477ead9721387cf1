import { millisecondsInWeek } from "date-fns/constants";
import { and, desc, eq, gt } from "drizzle-orm";
import { z } from "zod";
import type { Transaction } from "@/db/client";
import { lockUser } from "@/db/lock-user";
import { enqueueEmail } from "@/emails/enqueue-email";
import { getBalance } from "@/ledger/reads/balance";
import { creditTransaction } from "@/ledger/schema";
import { localeOf } from "@/lib/locales";
import { addNotices } from "./notices";
import { getPreferences, lowBalanceThreshold } from "./preferences";

/**
 * Notifies a user whose balance is below their threshold, by default a few uses of `cost` credits: in the
 * app once until the account is credited again, and by email at most once a week.
 *
 * Call it in the transaction of a spend, before the ledger write. Locks the user's row.
 */
export async function notifyLowBalance(
  tx: Transaction,
  { userId, cost, now }: { userId: string; cost: number; now: Date },
): Promise<void> {
  const [{ available }, preferences] = await Promise.all([
    getBalance(tx, { userId, now }),
    getPreferences(tx, userId),
  ]);
  if (available < 0 || available >= lowBalanceThreshold(preferences, { cost })) return;
  const recipient = await lockUser(tx, userId);
  if (recipient === null || recipient.deletedAt !== null) return;
  if (preferences.lowBalanceInApp) {
    const key = `low-balance:since:${await lastCreditSeq(tx, userId)}`;
    const facts = { available, cost };
    await addNotices(tx, [{ kind: "low-balance", userId, key, facts }], now);
  }
  // An invalid address must not fail the spend.
  if (preferences.lowBalanceByEmail && z.email().safeParse(recipient.email).success) {
    await enqueueEmail(tx, {
      template: "low-balance",
      props: { available, cost },
      key: `low-balance:${userId}:week:${Math.floor(now.getTime() / millisecondsInWeek)}`,
      userId,
      to: recipient.email,
      locale: localeOf(recipient.locale),
      now,
    });
  }
}

/** Number of the last transaction that credited the account; 0 if there is none. */
async function lastCreditSeq(tx: Transaction, userId: string): Promise<number> {
  const [row] = await tx
    .select({ seq: creditTransaction.seq })
    .from(creditTransaction)
    .where(and(eq(creditTransaction.userId, userId), gt(creditTransaction.amount, 0)))
    .orderBy(desc(creditTransaction.seq))
    .limit(1);
  return row?.seq ?? 0;
}
