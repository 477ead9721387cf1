import { eq } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { expiryReminder, notification, notificationPreference } from "@/db/schema";

/** Forgets what a person was told and wanted to be told, when their account is deleted. */
export async function deleteNotifications(tx: Transaction, userId: string): Promise<void> {
  for (const table of [notification, notificationPreference, expiryReminder]) {
    await tx.delete(table).where(eq(table.userId, userId));
  }
}
