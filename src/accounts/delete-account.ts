import { and, eq, inArray, sql } from "drizzle-orm";
import { hasPassword } from "@/auth/sessions";
import { eraseWithdrawals } from "@/billing/consumer-rights/submit-withdrawal";
import { closeBilling } from "@/billing/subscriptions/close-billing";
import type { Database, Transaction } from "@/db/client";
import { requireAnotherAdmin } from "@/db/lock-admins";
import {
  account,
  apikey,
  apiService,
  outbox,
  passkey,
  session,
  signInEvent,
  twoFactor,
  user,
  verification,
} from "@/db/schema";
import { enqueueEmail } from "@/emails/enqueue-email";
import { endAllSchedules } from "@/ledger/schedules";
import { InvalidInput, NotFound } from "@/lib/errors";
import { DEFAULT_LOCALE, localeOf } from "@/lib/locales";
import { deleteNotifications } from "@/notifications/notices";
import { product } from "@/product/current";
import { countAttempt } from "@/rate-limit/rate-limit";
import { closeClaim } from "@/rewards/claims";
import { deleteSignIns } from "@/rewards/daily-sign-in";

const LIMIT = { limit: 5, windowSeconds: 900 };

/**
 * Deletes the caller's account if `proof` is their password, or their email address if they have no
 * password. Throws `InvalidInput` for a wrong proof and `RateLimited` after five attempts.
 */
export async function deleteOwnAccount(
  db: Database,
  options: {
    user: { readonly id: string; readonly email: string };
    proof: string;
    isCurrentPassword: (password: string) => Promise<boolean>;
    /** The secret of the rate limit. */
    secret: string;
    now: Date;
  },
): Promise<void> {
  const { user: owner, proof, isCurrentPassword, secret, now } = options;
  await countAttempt(db, { key: `delete-account:${owner.id}`, secret, ...LIMIT, now });
  const isProven = (await hasPassword(db, owner.id))
    ? await isCurrentPassword(proof)
    : proof.trim().toLowerCase() === owner.email;
  if (!isProven) throw new InvalidInput("The proof is wrong.", { field: "proof" });
  await deleteAccount(db, { userId: owner.id, now });
}

/**
 * Deletes an account in one transaction. Removes the personal data, the product's records and the
 * daily sign-ins, signs the user out everywhere, ends the credit schedules, and enqueues the cancellation
 * of the subscriptions at Stripe. The ledger and the payments stay under the user's id, and the claim of
 * free credits stays without an address. Locks the user row. Throws `NotFound` if the account is already
 * deleted, and `LastAdmin`.
 */
export async function deleteAccount(
  db: Database,
  { userId, now }: { userId: string; now: Date },
): Promise<void> {
  await db.transaction(async (tx) => {
    await requireAnotherAdmin(tx, userId);
    const { emailVerified: isVerified, email } = await anonymiseUser(tx, { userId, now });
    await eraseWithdrawals(tx, { userId, email });
    await closeClaim(tx, { userId, isVerified, now });
    await closeBilling(tx, { userId, now });
    await product.eraseRecords(tx, userId);
    await deleteNotifications(tx, userId);
    await deleteSignIns(tx, userId);
    await endAllSchedules(tx, { userId, endsAt: now });
  });
}

/**
 * Removes the personal data from the user row, deletes the credentials and the queued emails, and
 * enqueues a confirmation. Keeps the Stripe customer id, which late Stripe events refer to. Returns the
 * row as it was.
 */
async function anonymiseUser(
  tx: Transaction,
  { userId, now }: { userId: string; now: Date },
): Promise<typeof user.$inferSelect> {
  const [person] = await tx.select().from(user).where(eq(user.id, userId)).for("update");
  if (person === undefined || person.deletedAt !== null) throw new NotFound("account");
  await tx.delete(session).where(eq(session.userId, userId));
  await tx.delete(account).where(eq(account.userId, userId));
  // The value is the id, or JSON that contains it. Expired rows are deleted every night.
  await tx.delete(verification).where(sql`strpos(${verification.value}, ${userId}) > 0`);
  await tx.delete(twoFactor).where(eq(twoFactor.userId, userId));
  // The ledger keeps the ids of the services.
  await tx.delete(apikey).where(inArray(apikey.referenceId, servicesOf(tx, userId)));
  await tx.delete(apiService).where(eq(apiService.userId, userId));
  await tx.delete(passkey).where(eq(passkey.userId, userId));
  await tx.delete(signInEvent).where(eq(signInEvent.userId, userId));
  await tx.delete(outbox).where(and(eq(outbox.userId, userId), eq(outbox.kind, "email")));
  await cutAlerts(tx, { email: person.email, userId });
  await tx
    .update(user)
    .set({
      name: "",
      // Unique, undeliverable (RFC 2606), and frees the real address for another sign-up.
      email: `${userId}@deleted.invalid`,
      emailVerified: false,
      image: null,
      role: "user",
      banReason: null,
      locale: DEFAULT_LOCALE,
      timeZone: "UTC",
      twoFactorEnabled: false,
      deletedAt: now,
      updatedAt: now,
    })
    .where(eq(user.id, userId));
  await enqueueEmail(tx, {
    template: "account-deleted",
    props: {},
    key: `account-deleted:${userId}`,
    // Without the user id, so that the address is not stored next to it.
    userId: null,
    to: person.email,
    locale: localeOf(person.locale),
    now,
  });
  return person;
}

function servicesOf(tx: Transaction, userId: string) {
  return tx.select({ id: apiService.id }).from(apiService).where(eq(apiService.userId, userId));
}

/** Closes the alerts that an admin would still get, and removes the address from those that name it. */
async function cutAlerts(
  tx: Transaction,
  { email, userId }: { email: string; userId: string },
): Promise<void> {
  const isRecipient = sql`${outbox.payload} ->> 'to' = ${email}`;
  await tx
    .update(outbox)
    .set({
      payload: sql`case when ${isRecipient}
        then jsonb_build_object('channel', ${outbox.payload} -> 'channel')
        else replace(${outbox.payload}::text, ${email}, ${userId})::jsonb end`,
      status: sql`case when ${isRecipient} and status in ('pending', 'dead')
        then 'closed'::outbox_status else status end`,
      lastError: null,
    })
    .where(and(eq(outbox.kind, "alert"), sql`strpos(${outbox.payload}::text, ${email}) > 0`));
}
