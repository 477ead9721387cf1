import type { CreateVerificationLink } from "@/auth/emails";
import type { Database } from "@/db/client";
import { lockUser } from "@/db/lock-user";
import { enqueueEmail } from "@/emails/enqueue-email";
import { localeOf } from "@/lib/locales";
import { product } from "@/product/current";
import { provideFreeCredits } from "@/rewards/free-credits";
import type { FreeCreditsPolicy } from "@/rewards/free-credits-policy";

/**
 * Provisions a user in one transaction: the product's records, the verification email if
 * `createVerificationLink` is given, and the credit account with the free credits. The credit account is
 * locked, so it comes last. Locks the user's row; does nothing for a deleted user.
 *
 * Idempotent: a crash can lose better-auth's hook, which runs after the user is committed. The
 * user's first requests then call it again, possibly concurrently. Also called when the address is
 * verified, for the credits that wait for it.
 */
export async function provisionAccount(
  db: Database,
  options: {
    userId: string;
    /** The client's address, if the caller knows it. */
    networkAddress?: string | null;
    policy: FreeCreditsPolicy;
    now: Date;
    createVerificationLink?: CreateVerificationLink;
  },
): Promise<void> {
  const { userId, networkAddress = null, policy, now, createVerificationLink } = options;
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
        locale: localeOf(person.locale),
        now,
      });
    }
    await provideFreeCredits(tx, { person, networkAddress, policy, now });
  });
}
