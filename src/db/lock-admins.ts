import { and, asc, eq, isNull } from "drizzle-orm";
import { AppError } from "@/lib/errors";
import type { Transaction } from "./client";
import { user } from "./schema/auth";

/** Without this admin, nobody could open the console. */
export class LastAdmin extends AppError {
  constructor() {
    super({ code: "last_admin", status: 409, message: "This is the last admin." });
  }
}

/**
 * Allows an admin's account to be closed to them: it must not be the last one that is neither banned
 * nor deleted. Locks the rows of all such admins, in the order of their ids, until COMMIT, so that two
 * admins cannot remove each other. Call it before any other lock. Does nothing for other users.
 * @throws LastAdmin
 */
export async function requireAnotherAdmin(tx: Transaction, userId: string): Promise<void> {
  const isAdmin = and(eq(user.role, "admin"), eq(user.banned, false), isNull(user.deletedAt));
  const [found] = await tx
    .select({ id: user.id })
    .from(user)
    .where(and(eq(user.id, userId), isAdmin));
  if (found === undefined) return;
  const admins = await tx
    .select({ id: user.id })
    .from(user)
    .where(isAdmin)
    .orderBy(asc(user.id))
    .for("update");
  if (admins.every(({ id }) => id === userId)) throw new LastAdmin();
}
