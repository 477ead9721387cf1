import { eq } from "drizzle-orm";
import type { Executor, Transaction } from "@/db/client";
import { lockUndeletedUser } from "@/db/lock-user";
import { type BirthInput, birthFieldsSchema } from "./birth/input";
import { baziProfile } from "./schema";

/**
 * Creates the empty profile of a new user. Keeps an existing profile unchanged. Locks the user's row.
 * @throws NotFound if the account is deleted
 */
export async function createEmptyProfile(
  tx: Transaction,
  { userId, now }: { userId: string; now: Date },
): Promise<void> {
  await lockUndeletedUser(tx, userId);
  await tx
    .insert(baziProfile)
    .values({ userId, createdAt: now, updatedAt: now })
    .onConflictDoNothing({ target: baziProfile.userId });
}

/** The birth that the user saved to prefill the form, or null. */
export async function getProfile(db: Executor, userId: string): Promise<BirthInput | null> {
  const [row] = await db
    .select({ birth: baziProfile.birth })
    .from(baziProfile)
    .where(eq(baziProfile.userId, userId));
  return birthFieldsSchema.nullable().parse(row?.birth ?? null);
}

/**
 * Saves a birth to prefill the form, or deletes the saved one (null). Locks the user's row.
 * @throws NotFound if the account is deleted
 */
export async function saveProfile(
  db: Executor,
  profile: { userId: string; birth: BirthInput | null; now: Date },
): Promise<void> {
  const { userId, birth, now } = profile;
  await db.transaction(async (tx) => {
    await lockUndeletedUser(tx, userId);
    await tx
      .update(baziProfile)
      .set({ birth, updatedAt: now })
      .where(eq(baziProfile.userId, userId));
  });
}
