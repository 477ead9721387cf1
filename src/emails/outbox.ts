import type { Reader } from "@/db/client";
import { outbox } from "@/db/schema";
import type { Locale } from "@/lib/locales";
import { type EmailContent, storedEmail } from "./email-content";

export type EmailToEnqueue = EmailContent & {
  /** Names the fact the mail is about, e.g. `purchase:checkout:cs_…`: one mail a key, for ever. */
  readonly key: string;
  readonly userId: string | null;
  readonly to: string;
  readonly locale: Locale;
};

export type EmailToSend = EmailToEnqueue & { readonly now: Date };

/**
 * Puts an e-mail into the outbox, in the caller's transaction: it is sent if and only if what
 * caused it is committed. A key that is known already changes nothing.
 *
 * Locks no account, so call it before a credit writer, which is always the last statement.
 */
export async function enqueueEmail(tx: Reader, { now, ...email }: EmailToSend): Promise<void> {
  await enqueueEmails(tx, [email], now);
}

/** The same for many, in one statement. */
export async function enqueueEmails(
  tx: Reader,
  emails: readonly EmailToEnqueue[],
  now: Date,
): Promise<void> {
  if (emails.length === 0) return;
  const rows = emails.map(({ key, userId, ...rest }) => ({
    kind: "email" as const,
    idempotencyKey: `email:${key}`,
    userId,
    payload: storedEmail.parse(rest),
    createdAt: now,
    nextAttemptAt: now,
  }));
  await tx.insert(outbox).values(rows).onConflictDoNothing({ target: outbox.idempotencyKey });
}
