import { eq } from "drizzle-orm";
import type { CreateVerificationLink } from "@/auth/emails";
import type { Database } from "@/db/client";
import { lockUser } from "@/db/lock-user";
import { enqueueEmail } from "@/emails/enqueue-email";
import { openCreditAccount } from "@/ledger/grant";
import { creditAccount } from "@/ledger/schema";
import { DEFAULT_LOCALE, isLocale } from "@/lib/locales";
import { product } from "@/product/current";

/**
 * Provisions a new user in one transaction: the product's records, the verification email if
 * `createVerificationLink` is given, and the credit account with the sign-up credits. Opening the
 * credit account locks it, so it comes last. Locks the user's row; does nothing for a deleted user.
 *
 * Idempotent: a crash can lose better-auth's hook, which runs after the user is committed. The
 * user's first requests then call it again, possibly concurrently.
 */
export async function provisionAccount(
  db: Database,
  options: {
    userId: string;
    now: Date;
    createVerificationLink?: CreateVerificationLink;
  },
): Promise<void> {
  const { userId, now, createVerificationLink } = options;
  await db.transaction(async (tx) => {
    const person = await lockUser(tx, userId);
    if (person === null || person.deletedAt !== null) return;
    const link = person.emailVerified ? undefined : await createVerificationLink?.(person);
    await product.createRecords(tx, { userId, now });
    if (link !== undefined) {
      await enqueueEmail(tx, {
        template: "verify-email",
        props: { url: link.url, validHours: link.validHours },
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

/** True once `provisionAccount` has granted the sign-up credits. One lookup by primary key. */
export async function isProvisioned(db: Database, userId: string): Promise<boolean> {
  const [account] = await db
    .select({ openedAt: creditAccount.openedAt })
    .from(creditAccount)
    .where(eq(creditAccount.userId, userId));
  return account !== undefined && account.openedAt !== null;
}
