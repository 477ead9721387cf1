import { and, eq, inArray, notInArray } from "drizzle-orm";
import type { Database } from "@/db/client";
import { auditLog, OPERATOR_ACTOR, user } from "@/db/schema";
import { logger } from "@/lib/logger";

/**
 * Makes a user an admin if their verified email address is listed in `ADMIN_EMAILS`.
 *
 * Call it only after the user has proven that both the address and the account are theirs: with the
 * verification link while signed in to the account, with a password reset, or through a social
 * provider. A verified address is not enough: an attacker could sign up with an admin's address and
 * wait for the admin to click the link.
 */
export async function makeAdminIfListed(
  db: Database,
  { userId, adminEmails }: { userId: string; adminEmails: readonly string[] },
): Promise<void> {
  if (adminEmails.length === 0) return;
  await db
    .update(user)
    .set({ role: "admin" })
    .where(
      and(
        eq(user.id, userId),
        eq(user.emailVerified, true),
        inArray(
          user.email,
          adminEmails.map((email) => email.toLowerCase()),
        ),
      ),
    );
}

/**
 * Takes the role from the admins whose addresses are not in `ADMIN_EMAILS`, with an entry in the audit
 * log for each. An empty list changes nothing: the role is then managed in the database. Runs at every
 * start, so it may leave no admin: add an address to the list to appoint one.
 */
export async function demoteUnlistedAdmins(
  db: Database,
  { adminEmails, now }: { adminEmails: readonly string[]; now: Date },
): Promise<void> {
  if (adminEmails.length === 0) return;
  const listed = adminEmails.map((email) => email.toLowerCase());
  await db.transaction(async (tx) => {
    const demoted = await tx
      .update(user)
      .set({ role: "user", updatedAt: now })
      .where(and(eq(user.role, "admin"), notInArray(user.email, listed)))
      .returning({ id: user.id });
    if (demoted.length === 0) return;
    await tx.insert(auditLog).values(
      demoted.map(({ id }) => ({
        id: crypto.randomUUID(),
        actorId: OPERATOR_ACTOR,
        action: "admin.demote",
        targetUserId: id,
        reason: "not in ADMIN_EMAILS",
        before: { role: "admin" },
        after: { role: "user" },
        createdAt: now,
      })),
    );
    logger.warn({ userIds: demoted.map(({ id }) => id) }, "not in ADMIN_EMAILS: no longer admins");
  });
}
