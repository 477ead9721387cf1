import { and, eq, inArray } from "drizzle-orm";
import type { Database } from "@/db/client";
import { user } from "@/db/schema";

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
