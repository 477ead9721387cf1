import { anonymiseUser } from "@/auth/anonymise-user";
import { deleteBaziRecords } from "@/bazi/delete-bazi-records";
import { closeBilling } from "@/billing/close-billing";
import { deleteSignIns } from "@/credits/daily-sign-in";
import { endAllSchedules } from "@/credits/end-all-schedules";
import type { Database } from "@/db/client";
import { deleteNotifications } from "@/notifications/delete-notifications";

/**
 * Deletes an account, all of it or nothing: what runs at Stripe is cancelled (by the outbox), profile,
 * readings and sign-in days go, the person is taken out of the user row and signed out everywhere, and no more
 * credits will be granted. Ledger and payments stay under the bare id.
 */
export async function deleteAccount(
  db: Database,
  { userId, now }: { userId: string; now: Date },
): Promise<void> {
  await db.transaction(async (tx) => {
    await anonymiseUser(tx, { userId, now });
    await closeBilling(tx, { userId, now });
    await deleteBaziRecords(tx, userId);
    await deleteNotifications(tx, userId);
    await deleteSignIns(tx, userId);
    await endAllSchedules(tx, { userId, endsAt: now });
  });
}
