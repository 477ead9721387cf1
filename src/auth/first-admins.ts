import { and, eq, inArray } from "drizzle-orm";
import type { Database } from "@/db/client";
import { user } from "@/db/schema";

/**
 * Makes a person an admin if their verified address is listed in `ADMIN_EMAILS`.
 *
 * Called only when the person has just shown that both the address and the account are theirs: the
 * verification link opened while signed in to that account, a password reset through the mailbox,
 * or a provider that vouches for the address. A verified address alone is not enough: somebody
 * could sign up with an admin's address and wait until the admin clicks the mail.
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
