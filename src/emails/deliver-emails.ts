import { millisecondsInHour, millisecondsInMinute } from "date-fns/constants";
import { and, eq, sql } from "drizzle-orm";
import type { Database, Transaction } from "@/db/client";
import { outbox } from "@/db/schema";
import { logger } from "@/lib/logger";
import { drainEntries, hasKey, type OutboxEntry } from "@/outbox/drain-entries";
import { storedEmail } from "./email-content";
import { type EmailProvider, EmailProviderUnavailable } from "./email-provider";
import { renderEmail } from "./render-email";
import { unsubscribeLink } from "./unsubscribe-link";

export interface EmailDelivery {
  readonly sent: number;
  readonly failed: number;
}

/** An email that failed this often is dead-lettered. */
export const MAX_ATTEMPTS = 8;
/** Time that a request may spend on delivery after its response; the tick sends the rest. */
export const EMAILS_AFTER_REQUEST_MS = 30_000;
/** Longer than the provider's timeout for one email. */
const LEASE_MS = 3 * millisecondsInMinute;
const MAX_BACKOFF_MS = 6 * millisecondsInHour;

/**
 * Sends the emails that are due until none is left, `deadlineMs` (of `performance.now()`) has passed
 * or the provider is unavailable. At least once per email; the provider drops duplicates by
 * idempotency key. Without a provider the emails stay in the outbox. Never call it in a transaction.
 */
export async function deliverEmails(
  db: Database,
  options: {
    readonly emailProvider: EmailProvider | null;
    readonly now: Date;
    readonly deadlineMs?: number;
    /** Only the emails with these keys. */
    readonly keys?: readonly string[] | undefined;
  },
): Promise<EmailDelivery> {
  const { emailProvider, now, deadlineMs = Number.POSITIVE_INFINITY, keys } = options;
  if (emailProvider === null) {
    logger.warn("RESEND_API_KEY is not set; emails wait in the outbox");
    return { sent: 0, failed: 0 };
  }
  const { done, failed } = await drainEntries(
    db,
    {
      kind: "email",
      filter: hasKey(keys),
      leaseMs: LEASE_MS,
      deliver: (entry) => sendEntry(entry, emailProvider),
      payloadWhenDone: emailProvider.keepsLinks ? undefined : redactedPayload,
      nextAttemptAt: nextEmailAttemptAt,
      isOutage: (error) => error instanceof EmailProviderUnavailable,
      onDead: closeDeletionEmail,
    },
    { now, deadlineMs },
  );
  return { sent: done, failed };
}

/** Renders and sends the email of an outbox entry. Throws what the provider throws. */
export async function sendEntry(entry: OutboxEntry, emailProvider: EmailProvider): Promise<void> {
  const email = storedEmail.parse(entry.payload);
  const { userId, idempotencyKey } = entry;
  const { appUrl, unsubscribeSecret: secret } = emailProvider;
  const unsubscribe = unsubscribeLink(email, { userId, appUrl, secret });
  const { subject, html, text } = await renderEmail(email, { appUrl, unsubscribe });
  const oneClickUrl = unsubscribe?.oneClickUrl ?? null;
  await emailProvider.send({ to: email.to, subject, html, text, idempotencyKey, oneClickUrl });
}

/** The payload of a sent email: without secret links, and without the recipient of a deleted account. */
const redactedPayload = sql`case ${outbox.payload} ->> 'template'
  when 'account-deleted' then jsonb_build_object('template', 'account-deleted')
  else ${outbox.payload} #- '{props,url}' end`;

/** An undeliverable email about a deletion is not kept for an admin: it holds the deleted address. */
async function closeDeletionEmail(tx: Transaction, { id }: OutboxEntry): Promise<void> {
  await tx
    .update(outbox)
    .set({ status: "closed", payload: redactedPayload, lastError: null })
    .where(and(eq(outbox.id, id), sql`${outbox.payload} ->> 'template' = 'account-deleted'`));
}

/** Retries after 1, 4, 16 minutes … up to six hours; eight attempts span more than 12 hours. */
export function nextEmailAttemptAt({ attempts }: OutboxEntry, now: Date): Date | null {
  if (attempts >= MAX_ATTEMPTS) return null;
  const backoffMs = Math.min(millisecondsInMinute * 4 ** (attempts - 1), MAX_BACKOFF_MS);
  return new Date(now.getTime() + backoffMs);
}
