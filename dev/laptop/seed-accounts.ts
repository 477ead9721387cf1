import { eq } from "drizzle-orm";
import { provisionAccount } from "@/accounts/sign-up";
import { makeAdminIfListed } from "@/auth/admin-role";
import { createAuth } from "@/auth/create-auth";
import type { Database } from "@/db/client";
import { outbox, session, user } from "@/db/schema";
import { now } from "@/lib/clock";
import type { FreeCreditsPolicy } from "@/rewards/free-credits-policy";

export type SeedAccount = {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly admin: boolean;
};

/**
 * Creates missing demo accounts through the application's sign-up, so that they start with what every
 * new user gets. Their addresses do not exist and are marked as verified.
 *
 * Safe to repeat: existing accounts stay unchanged, and an interrupted run is completed. Nothing else
 * may use the database at the same time, because the verification email is deleted.
 */
export async function seedAccounts(options: {
  db: Database;
  appUrl: string;
  secret: string;
  policy: FreeCreditsPolicy;
  accounts: readonly SeedAccount[];
}): Promise<void> {
  const { db, appUrl, secret, policy, accounts } = options;
  const auth = createAuth({
    db,
    appUrl,
    secret,
    provisionAccount: (database, person) => provisionAccount(database, { ...person, policy }),
    rateLimited: false,
  });
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const { name, email, password, admin } of accounts) {
    if ((await findUser(db, email)) === undefined) {
      await auth.api.signUpEmail({ body: { name, email, password, locale: "en", timeZone } });
    }
    const person = await findUser(db, email);
    if (person === undefined) throw new Error(`The sign-up of ${email} created no user.`);
    // During sign-up a failure is only logged; here it has to stop the start.
    await provisionAccount(db, { userId: person.id, policy, now: now() });
    if (!person.emailVerified) await markVerified(db, person.id);
    if (admin) await makeAdminIfListed(db, { userId: person.id, adminEmails: [email] });
  }
}

async function findUser(db: Database, email: string) {
  const [found] = await db
    .select({ id: user.id, emailVerified: user.emailVerified })
    .from(user)
    .where(eq(user.email, email));
  return found;
}

/** Sign-up opened a session and queued a verification email; both are removed. */
async function markVerified(db: Database, userId: string): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.delete(session).where(eq(session.userId, userId));
    await tx.delete(outbox).where(eq(outbox.userId, userId));
    await tx.update(user).set({ emailVerified: true }).where(eq(user.id, userId));
  });
}
