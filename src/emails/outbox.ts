import type { Reader } from "@/db/client";
import { outbox } from "@/db/schema";
import type { Locale } from "@/lib/locales";
import { type EmailContent, storedEmail } from "./email-content";

export type EmailToSend = EmailContent & {
  /** Names the fact the mail is about, e.g. `purchase:checkout:cs_…`: one mail a key, for ever. */
  readonly key: string;
  readonly userId: string | null;
  readonly to: string;
  readonly locale: Locale;
  readonly now: Date;
};

/**
 * Puts an e-mail into the outbox, in the caller's transaction: it is sent if and only if what
 * caused it is committed. A key that is known already changes nothing.
 *
 * Locks no account, so call it before a credit writer, which is always the last statement.
 */
export async function enqueueEmail(tx: Reader, email: EmailToSend): Promise<void> {
  const { key, userId, now, ...rest } = email;
  await tx
    .insert(outbox)
    .values({
      kind: "email",
      idempotencyKey: `email:${key}`,
      userId,
      payload: storedEmail.parse(rest),
      createdAt: now,
      nextAttemptAt: now,
    })
    .onConflictDoNothing({ target: outbox.idempotencyKey });
}
