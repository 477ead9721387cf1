import { eq } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { baziProfile, baziReading } from "@/db/schema";

/** Deletes a user's profile and readings for good: part of deleting the account. */
export async function deleteBaziRecords(tx: Transaction, userId: string): Promise<void> {
  await tx.delete(baziReading).where(eq(baziReading.userId, userId));
  await tx.delete(baziProfile).where(eq(baziProfile.userId, userId));
}
