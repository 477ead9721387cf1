import type { ZodError } from "zod";
import type { Executor } from "@/db/client";
import { outbox } from "@/db/schema";
import type { Locale } from "@/lib/locales";
import { logger } from "@/lib/logger";
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
 * caused it is committed. A key that is known already changes nothing. What no mail can be made of
 * is logged and left out, and never fails the transaction: a person's credits do not hang on a letter.
 *
 * Locks no account, so call it before a credit writer, which is always the last statement.
 */
export async function enqueueEmail(tx: Executor, { now, ...email }: EmailToSend): Promise<void> {
  await enqueueEmails(tx, [email], now);
}

/** The same for many, in one statement. */
export async function enqueueEmails(
  tx: Executor,
  emails: readonly EmailToEnqueue[],
  now: Date,
): Promise<void> {
  await emailInsert(tx, emails, now);
}

/**
 * The statement that does so, for whoever makes it a part of their own; null where no mail can be
 * made of any. Answers the rows that are new.
 */
export function emailInsert(tx: Executor, emails: readonly EmailToEnqueue[], now: Date) {
  const rows = emails.flatMap(({ key, userId, ...rest }) => {
    const email = storedEmail.safeParse(rest);
    if (!email.success) {
      logger.error({ key, userId, where: placesOf(email.error) }, "no mail can be made of this");
      return [];
    }
    const idempotencyKey = `email:${key}`;
    const due = { createdAt: now, nextAttemptAt: now };
    return [{ kind: "email" as const, idempotencyKey, userId, payload: email.data, ...due }];
  });
  if (rows.length === 0) return null;
  return tx
    .insert(outbox)
    .values(rows)
    .onConflictDoNothing({ target: outbox.idempotencyKey })
    .returning({ id: outbox.id });
}

/** What was wrong by its place; never by its value, which may be an address. */
function placesOf(error: ZodError): string {
  return error.issues.map(({ path, code }) => `${path.join(".")}: ${code}`).join(", ");
}
