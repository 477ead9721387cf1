import type { Transaction } from "@/db/client";
import { baziProfile } from "@/db/schema";

/** The empty profile of a new user, in the caller's transaction. A profile that exists stays as it is. */
export async function createEmptyProfile(
  tx: Transaction,
  { userId, now }: { userId: string; now: Date },
): Promise<void> {
  await tx
    .insert(baziProfile)
    .values({ userId, createdAt: now, updatedAt: now })
    .onConflictDoNothing({ target: baziProfile.userId });
}
