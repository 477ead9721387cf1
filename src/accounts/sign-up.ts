import { and, eq, isNull } from "drizzle-orm";
import type { Database } from "@/db/client";
import { user } from "@/db/schema";
import { enqueueEmail } from "@/emails/enqueue-email";
import { openCreditAccount } from "@/ledger/open-credit-account";
import { creditAccount } from "@/ledger/schema";
import { DEFAULT_LOCALE, isLocale } from "@/lib/locales";
import { createEmptyProfile } from "@/products/bazi/create-empty-profile";

/** Makes the link that proves an address; null from those who send no such mail (a script). */
export type VerificationLink = (person: {
  id: string;
  email: string;
  locale: string;
}) => Promise<{ url: string; validHours: number }>;

/**
 * What every new user gets, in one transaction: an empty BaZi profile, the mail that verifies the
 * address, and the credit account with its sign-up credits (which locks the account, hence last).
 *
 * Idempotent, and must be: better-auth calls its hook after the user is committed, where a crash
 * loses it, so the person's first request does the same again (`session.ts`), perhaps at once in
 * several tabs. The mail belongs in here for the same reason: it cannot get lost either.
 */
export async function onUserCreated(
  db: Database,
  userId: string,
  now: Date,
  verificationLink: VerificationLink | null = null,
): Promise<void> {
  const [person] = await db
    .select()
    .from(user)
    .where(and(eq(user.id, userId), isNull(user.deletedAt)));
  if (person === undefined) return;
  const proof =
    verificationLink === null || person.emailVerified ? null : await verificationLink(person);
  await db.transaction(async (tx) => {
    await createEmptyProfile(tx, { userId, now });
    if (proof !== null) {
      await enqueueEmail(tx, {
        template: "verify-email",
        props: { name: person.name, url: proof.url, validHours: proof.validHours },
        key: `verify-email:${userId}:sign-up`,
        userId,
        to: person.email,
        locale: isLocale(person.locale) ? person.locale : DEFAULT_LOCALE,
        now,
      });
    }
    await openCreditAccount(tx, { userId, now });
  });
}

/** True once the sign-up credits are granted: one look-up by primary key. */
export async function isCreditAccountOpen(db: Database, userId: string): Promise<boolean> {
  const [account] = await db
    .select({ openedAt: creditAccount.openedAt })
    .from(creditAccount)
    .where(eq(creditAccount.userId, userId));
  return account !== undefined && account.openedAt !== null;
}
