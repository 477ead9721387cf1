import type { ZodError } from "zod";
import type { Executor } from "@/db/client";
import { outbox } from "@/db/schema";
import type { Locale } from "@/lib/locales";
import { logger } from "@/lib/logger";
import { reportWrittenEntries } from "@/outbox/written-entries";
import { type EmailContent, storedEmail } from "./email-content";

export type EmailToEnqueue = EmailContent & {
  /** Names the fact, e.g. `purchase:checkout:cs_…`. A second email with the same key is never sent. */
  readonly key: string;
  readonly userId: string | null;
  readonly to: string;
  readonly locale: Locale;
};

export type EmailToSend = EmailToEnqueue & { readonly now: Date };

/**
 * Adds an email to the outbox in the caller's transaction: it is sent if and only if the transaction
 * commits. A known key changes nothing. Invalid emails are logged and skipped so that they never
 * roll back the transaction.
 *
 * Locks no account; call it before the credit write, which is always the last statement.
 */
export async function enqueueEmail(tx: Executor, { now, ...email }: EmailToSend): Promise<void> {
  await enqueueEmails(tx, [email], now);
}

/** Like `enqueueEmail`, for several emails in one statement. */
export async function enqueueEmails(
  tx: Executor,
  emails: readonly EmailToEnqueue[],
  now: Date,
): Promise<void> {
  await emailInsert(tx, emails, now);
}

/**
 * The insert statement of `enqueueEmails`, for use in a CTE. Returns the inserted rows; null if no
 * email is valid.
 */
export function emailInsert(tx: Executor, emails: readonly EmailToEnqueue[], now: Date) {
  const rows = emails.flatMap(({ key, userId, ...rest }) => {
    const email = storedEmail.safeParse(rest);
    if (!email.success) {
      logger.error({ key, userId, issues: describeIssues(email.error) }, "invalid email skipped");
      return [];
    }
    return [
      {
        kind: "email" as const,
        idempotencyKey: `email:${key}`,
        userId,
        payload: email.data,
        createdAt: now,
        nextAttemptAt: now,
      },
    ];
  });
  if (rows.length === 0) return null;
  reportWrittenEntries(rows.map(({ idempotencyKey }) => idempotencyKey));
  return tx
    .insert(outbox)
    .values(rows)
    .onConflictDoNothing({ target: outbox.idempotencyKey })
    .returning({ id: outbox.id });
}

/** Paths and codes only: values may be personal data. */
function describeIssues(error: ZodError): string {
  return error.issues.map(({ path, code }) => `${path.join(".")}: ${code}`).join(", ");
}
