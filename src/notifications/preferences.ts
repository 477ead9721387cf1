import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Executor } from "@/db/client";
import { lockUndeletedUser } from "@/db/lock-user";
import { notificationPreference } from "@/db/schema";
import { setLowBalance } from "@/ledger/signals";

/** The optional notifications. Receipts and failed payments are always sent. */
const preferencesInput = z.object({
  expiringByEmail: z.boolean(),
  expiringInApp: z.boolean(),
  lowBalanceByEmail: z.boolean(),
  lowBalanceInApp: z.boolean(),
  /** In credits; null for `LOW_BALANCE_USES` uses. */
  lowBalanceThreshold: z.int().min(1).max(1_000_000).nullable(),
});
export type Preferences = z.output<typeof preferencesInput>;

export const preferencesChange = preferencesInput.partial();
export type PreferencesChange = z.output<typeof preferencesChange>;

const DEFAULTS: Preferences = {
  expiringByEmail: true,
  expiringInApp: true,
  lowBalanceByEmail: true,
  lowBalanceInApp: true,
  lowBalanceThreshold: null,
};

/** A balance is low below this many uses of the product's main feature, unless the user says otherwise. */
export const LOW_BALANCE_USES = 3;

/** The balance below which a user is notified, in credits. `cost`: of one use. */
export function lowBalanceThreshold(
  { lowBalanceThreshold: chosen }: Pick<Preferences, "lowBalanceThreshold">,
  { cost }: { cost: number },
): number {
  return chosen ?? LOW_BALANCE_USES * cost;
}

/** A user's preferences. Everything is on by default. */
export async function getPreferences(db: Executor, userId: string): Promise<Preferences> {
  const [row] = await db
    .select()
    .from(notificationPreference)
    .where(eq(notificationPreference.userId, userId));
  return row === undefined ? DEFAULTS : preferencesInput.parse(row);
}

/**
 * Saves the preferences named in `change` and keeps the others. Takes effect immediately. Locks the
 * user's row and, if `change` names the threshold, the credit account.
 * @throws NotFound if the account is deleted
 */
export async function savePreferences(
  db: Executor,
  { userId, change, now }: { userId: string; change: PreferencesChange; now: Date },
): Promise<void> {
  const values = { ...change, updatedAt: now };
  await db.transaction(async (tx) => {
    await lockUndeletedUser(tx, userId);
    await tx
      .insert(notificationPreference)
      .values({ userId, ...values })
      .onConflictDoUpdate({ target: notificationPreference.userId, set: values });
    if (change.lowBalanceThreshold === undefined) return;
    await setLowBalance(tx, { userId, credits: change.lowBalanceThreshold, now });
  });
}
