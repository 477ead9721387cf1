import { sql } from "drizzle-orm";
import type { Database } from "@/db/client";
import { outbox } from "@/db/schema";
import { type EmailProvider, EmailProviderUnavailable } from "@/emails/email-provider";
import { type OutboxRow, workOutbox } from "@/outbox/drain-entries";
import { storedEmail } from "./email-content";
import { renderEmail } from "./render-email";
import { unsubscribeLink } from "./unsubscribe-link";

export interface Delivery {
  readonly sent: number;
  readonly failed: number;
}

/** After this many failures a mail is dead and waits for an admin. */
export const MAX_ATTEMPTS = 8;
/** Longer than the post's time limit for one mail. */
const LEASE_MS = 3 * 60 * 1000;

/**
 * Sends the e-mails that are due, until none is left, `deadlineMs` (of `performance.now()`) has
 * passed or the post is down. Each at least once, with its idempotency key: the post drops a second.
 */
export async function deliverEmails(
  db: Database,
  {
    post,
    now,
    deadlineMs = Number.POSITIVE_INFINITY,
  }: { post: EmailProvider; now: Date; deadlineMs?: number },
): Promise<Delivery> {
  const work = {
    kind: "email" as const,
    leaseMs: LEASE_MS,
    deliver: (row: OutboxRow) => sendStored(row, post),
    whenDone: post.keepsLinks ? undefined : { payload: withoutSecrets },
    nextAttempt: nextMailAttempt,
    isOutage: (error: unknown) => error instanceof EmailProviderUnavailable,
  };
  const { done, failed } = await workOutbox(db, work, { now, deadlineMs });
  return { sent: done, failed };
}

/** Sends the mail that an outbox entry holds. Throws when the post did not take it. */
export async function sendStored(row: OutboxRow, post: EmailProvider): Promise<void> {
  const email = storedEmail.parse(row.payload);
  const { userId, idempotencyKey } = row;
  const { appUrl, unsubscribeSecret: secret } = post;
  const unsubscribe = unsubscribeLink(email, { userId, appUrl, secret });
  const { subject, html, text } = await renderEmail(email, { appUrl, unsubscribe });
  const oneClickUrl = unsubscribe?.oneClickUrl ?? null;
  await post.send({ to: email.to, subject, html, text, idempotencyKey, oneClickUrl });
}

/**
 * What has been sent is forgotten where it should not be read again: the links that prove something,
 * and whom we told that their account is deleted.
 */
const withoutSecrets = sql`case ${outbox.payload} ->> 'template'
  when 'account-deleted' then jsonb_build_object('template', 'account-deleted')
  else ${outbox.payload} #- '{props,url}' end`;

/** After 1, 4, 16 minutes …, six hours at most: eight attempts span more than half a day. */
export function nextMailAttempt({ attempts }: OutboxRow, now: Date): Date | null {
  if (attempts >= MAX_ATTEMPTS) return null;
  return new Date(now.getTime() + Math.min(60_000 * 4 ** (attempts - 1), 6 * 60 * 60_000));
}
