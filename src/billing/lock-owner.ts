import { eq } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { user } from "@/db/schema";

/**
 * Locks the user's row and answers when the account was deleted; null if it stands. A deletion locks
 * the same row first: either it waits and then finds what this transaction wrote, or this one waits
 * and finds the account gone. So nothing is promised to an account while it is being deleted.
 */
export async function lockOwner(tx: Transaction, userId: string): Promise<Date | null> {
  const [owner] = await tx
    .select({ deletedAt: user.deletedAt })
    .from(user)
    .where(eq(user.id, userId))
    .for("no key update");
  return owner?.deletedAt ?? null;
}
