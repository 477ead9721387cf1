import { and, eq } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { account, outbox, session, user, verification } from "@/db/schema";
import { enqueueEmail } from "@/emails/enqueue-email";
import { NotFound } from "@/lib/errors";
import { DEFAULT_LOCALE, isLocale } from "@/lib/locales";

/**
 * Takes the person out of a user row: name and address are gone, nobody can sign in with it any
 * more, and their mails are forgotten. The bare id stays, as the ledger and the payments stay under
 * it, and so does Stripe's customer id, by which late events about them are understood. One last
 * mail says that it is done. Throws `NotFound` if it was done before.
 */
export async function anonymiseUser(
  tx: Transaction,
  { userId, now }: { userId: string; now: Date },
): Promise<void> {
  const [person] = await tx.select().from(user).where(eq(user.id, userId)).for("update");
  if (person === undefined || person.deletedAt !== null) throw new NotFound("account");
  await tx.delete(session).where(eq(session.userId, userId));
  await tx.delete(account).where(eq(account.userId, userId));
  await tx.delete(verification).where(eq(verification.value, userId));
  await tx.delete(outbox).where(and(eq(outbox.userId, userId), eq(outbox.kind, "email")));
  await tx
    .update(user)
    .set({
      name: "",
      // Unique, impossible to write to (RFC 2606), and free again for whoever has the real one.
      email: `${userId}@deleted.invalid`,
      emailVerified: false,
      image: null,
      role: "user",
      deletedAt: now,
      updatedAt: now,
    })
    .where(eq(user.id, userId));
  await enqueueEmail(tx, {
    template: "account-deleted",
    props: { name: person.name },
    key: `account-deleted:${userId}`,
    // Not filed under the user: its address must not stay with the id.
    userId: null,
    to: person.email,
    locale: isLocale(person.locale) ? person.locale : DEFAULT_LOCALE,
    now,
  });
}
