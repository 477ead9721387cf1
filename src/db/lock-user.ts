import { eq } from "drizzle-orm";
import { NotFound } from "@/lib/errors";
import type { Transaction } from "./client";
import { user } from "./schema/auth";

/**
 * Locks a user's row until COMMIT and returns it; null if there is none. Account deletion locks the
 * same row first, so a writer either commits before the deletion or finds `deletedAt` set.
 *
 * Call it before any other lock. `for no key update` does not block inserts that reference the user.
 */
export async function lockUser(
  tx: Transaction,
  userId: string,
): Promise<typeof user.$inferSelect | null> {
  const [row] = await tx.select().from(user).where(eq(user.id, userId)).for("no key update");
  return row ?? null;
}

/**
 * Like `lockUser`, for every transaction that stores personal data.
 * @throws NotFound if the account is deleted
 */
export async function lockUndeletedUser(
  tx: Transaction,
  userId: string,
): Promise<typeof user.$inferSelect | null> {
  const row = await lockUser(tx, userId);
  if (row !== null && row.deletedAt !== null) throw new NotFound("user");
  return row;
}
