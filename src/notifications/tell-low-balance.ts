import { and, desc, eq, gt, isNull } from "drizzle-orm";
import { z } from "zod";
import type { Transaction } from "@/db/client";
import { user } from "@/db/schema";
import { enqueueEmail } from "@/emails/enqueue-email";
import { getBalance } from "@/ledger/reads/balance";
import { creditTransaction } from "@/ledger/schema";
import { DEFAULT_LOCALE, isLocale } from "@/lib/locales";
import { addNotices } from "./add-notices";
import { getPreferences } from "./preferences";

const WEEK_MS = 7 * 24 * 3_600_000;

/**
 * Tells a person whose balance stands below `cost` credits that it does: once until credits come in
 * again, by mail once a week at most (who lives from the daily five credits would get one every
 * other day). Call it in the transaction of a spend, before the write to the ledger: it reads
 * without locks, and says nothing if the spend is rolled back.
 */
export async function tellLowBalance(
  tx: Transaction,
  { userId, cost, now }: { userId: string; cost: number; now: Date },
): Promise<void> {
  const { available } = await getBalance(tx, { userId, at: now });
  if (available < 0 || available >= cost) return;
  const [person] = await tx
    .select()
    .from(user)
    .where(and(eq(user.id, userId), isNull(user.deletedAt)));
  if (person === undefined) return;
  const wanted = await getPreferences(tx, userId);
  if (wanted.lowBalanceInApp) {
    const key = `low-balance:since:${await lastIncome(tx, userId)}`;
    const facts = { available, cost };
    await addNotices(tx, [{ kind: "low-balance", userId, key, facts }], now);
  }
  // An address that no letter can be made out to must not fail the spend.
  if (wanted.lowBalanceByEmail && z.email().safeParse(person.email).success) {
    await enqueueEmail(tx, {
      template: "low-balance",
      props: { name: person.name, available, readingCost: cost },
      key: `low-balance:${userId}:week:${Math.floor(now.getTime() / WEEK_MS)}`,
      userId,
      to: person.email,
      locale: isLocale(person.locale) ? person.locale : DEFAULT_LOCALE,
      now,
    });
  }
}

/** The number of the last transaction that put credits on the account: between two of them it only falls. */
async function lastIncome(tx: Transaction, userId: string): Promise<number> {
  const [row] = await tx
    .select({ seq: creditTransaction.seq })
    .from(creditTransaction)
    .where(and(eq(creditTransaction.userId, userId), gt(creditTransaction.amount, 0)))
    .orderBy(desc(creditTransaction.seq))
    .limit(1);
  return row?.seq ?? 0;
}
