import { anonymiseUser } from "@/accounts/anonymise-user";
import { closeBilling } from "@/billing/subscriptions/close-billing";
import type { Database } from "@/db/client";
import { endAllSchedules } from "@/ledger/end-all-schedules";
import { deleteNotifications } from "@/notifications/notices";
import { deleteBaziRecords } from "@/products/bazi/delete-bazi-records";
import { deleteSignIns } from "@/rewards/daily-sign-in";

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
