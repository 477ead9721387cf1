import { eq } from "drizzle-orm";
import { provisionAccount } from "@/accounts/sign-up";
import { createAuth } from "@/auth/create-auth";
import { makeAdminIfListed } from "@/auth/first-admins";
import type { Database } from "@/db/client";
import { outbox, session, user } from "@/db/schema";
import { now } from "@/lib/clock";

export type SeedAccount = {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly admin: boolean;
};

/**
 * Makes the demo accounts that are missing, through the app's own sign-up, so that they start with
 * what every new user gets. Their addresses are invented, hence verified without a mail.
 *
 * May be repeated: an account that is there keeps what it has, and what an interrupted run left
 * undone is done. Nothing else may use the database meanwhile (the mail is withdrawn).
 */
export async function seedAccounts(options: {
  db: Database;
  appUrl: string;
  secret: string;
  accounts: readonly SeedAccount[];
}): Promise<void> {
  const { db, appUrl, secret, accounts } = options;
  const auth = createAuth({
    db,
    appUrl,
    secret,
    onUserCreated: provisionAccount,
    rateLimited: false,
  });
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const { name, email, password, admin } of accounts) {
    if ((await findPerson(db, email)) === undefined) {
      await auth.api.signUpEmail({ body: { name, email, password, locale: "en", timeZone } });
    }
    const person = await findPerson(db, email);
    if (person === undefined) throw new Error(`The sign-up of ${email} left no user.`);
    // The sign-up's own call only logs a failure; here it shall stop the start.
    await provisionAccount(db, { userId: person.id, now: now() });
    if (!person.emailVerified) await verifyWithoutMail(db, person.id);
    if (admin) await makeAdminIfListed(db, { userId: person.id, adminEmails: [email] });
  }
}

async function findPerson(db: Database, email: string) {
  const [found] = await db
    .select({ id: user.id, emailVerified: user.emailVerified })
    .from(user)
    .where(eq(user.email, email));
  return found;
}

/** The sign-up signed somebody in, and asked to verify an address that nobody reads. */
async function verifyWithoutMail(db: Database, userId: string): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.delete(session).where(eq(session.userId, userId));
    await tx.delete(outbox).where(eq(outbox.userId, userId));
    await tx.update(user).set({ emailVerified: true }).where(eq(user.id, userId));
  });
}
