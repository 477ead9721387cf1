import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Executor } from "@/db/client";
import { notificationPreference } from "@/db/schema";

/** What may be told and need not be. Receipts and failed payments are always told. */
export const preferencesInput = z.object({
  expiringByEmail: z.boolean(),
  expiringInApp: z.boolean(),
  lowBalanceByEmail: z.boolean(),
  lowBalanceInApp: z.boolean(),
});
export type Preferences = z.output<typeof preferencesInput>;

export const preferencesChange = preferencesInput.partial();
export type PreferencesChange = z.output<typeof preferencesChange>;

const EVERYTHING_ON: Preferences = {
  expiringByEmail: true,
  expiringInApp: true,
  lowBalanceByEmail: true,
  lowBalanceInApp: true,
};

/** What a person wants to be told; everything as long as they chose nothing. */
export async function getPreferences(reader: Executor, userId: string): Promise<Preferences> {
  const [row] = await reader
    .select()
    .from(notificationPreference)
    .where(eq(notificationPreference.userId, userId));
  return row === undefined ? EVERYTHING_ON : preferencesInput.parse(row);
}

/** Changes what is named and leaves the rest as it is. In force for the next thing there is to tell. */
export async function savePreferences(
  db: Executor,
  { userId, change, now }: { userId: string; change: PreferencesChange; now: Date },
): Promise<void> {
  const values = { ...change, updatedAt: now };
  await db
    .insert(notificationPreference)
    .values({ userId, ...values })
    .onConflictDoUpdate({ target: notificationPreference.userId, set: values });
}
