import { and, asc, eq, inArray, lte, sql } from "drizzle-orm";
import type { Database } from "@/db/client";
import { outbox } from "@/db/schema";
import type { Post } from "@/integrations/post";
import { logger } from "@/lib/logger";
import { storedEmail } from "./email-content";
import { renderEmail } from "./render-email";
import { unsubscribeLink } from "./unsubscribe-link";

type OutboxRow = typeof outbox.$inferSelect;

export interface Delivery {
  readonly sent: number;
  readonly failed: number;
}

/** After this many failures a mail is dead and waits for an admin. */
export const MAX_ATTEMPTS = 8;
/** How long a worker has for the mails it took; afterwards another one may take them. */
const LEASE_MS = 3 * 60 * 1000;
const BATCH = 10;

/**
 * Sends the e-mails that are due, a batch at a time, until none is left or `limit` is reached.
 * At least once: a mail is taken in one short statement (others skip it, and its next attempt is
 * put off by the lease), sent outside of any transaction with its idempotency key, and then marked
 * done. A crash in between means a second attempt with the same key, which the post drops.
 */
export async function deliverEmails(
  db: Database,
  { post, now, limit = 100 }: { post: Post; now: Date; limit?: number },
): Promise<Delivery> {
  let sent = 0;
  let failed = 0;
  while (sent + failed < limit) {
    const rows = await claimBatch(db, now, Math.min(BATCH, limit - sent - failed));
    if (rows.length === 0) break;
    for (const row of rows) {
      if (await deliverOne(db, { row, post, now })) sent += 1;
      else failed += 1;
    }
  }
  return { sent, failed };
}

async function claimBatch(db: Database, now: Date, size: number): Promise<OutboxRow[]> {
  const due = db
    .select({ id: outbox.id })
    .from(outbox)
    .where(
      and(eq(outbox.kind, "email"), eq(outbox.status, "pending"), lte(outbox.nextAttemptAt, now)),
    )
    .orderBy(asc(outbox.nextAttemptAt))
    .limit(size)
    .for("update", { skipLocked: true });
  return db
    .update(outbox)
    .set({
      attempts: sql`${outbox.attempts} + 1`,
      nextAttemptAt: new Date(now.getTime() + LEASE_MS),
    })
    .where(inArray(outbox.id, due))
    .returning();
}

async function deliverOne(
  db: Database,
  { row, post, now }: { row: OutboxRow; post: Post; now: Date },
): Promise<boolean> {
  try {
    const email = storedEmail.parse(row.payload);
    const { userId, idempotencyKey } = row;
    const { appUrl, unsubscribeSecret: secret } = post;
    const unsubscribe = unsubscribeLink(email, { userId, appUrl, secret });
    const { subject, html, text } = await renderEmail(email, { appUrl, unsubscribe });
    const oneClickUrl = unsubscribe?.oneClickUrl ?? null;
    await post.send({ to: email.to, subject, html, text, idempotencyKey, oneClickUrl });
  } catch (error) {
    await markFailed(db, { row, now, error });
    return false;
  }
  await markDone(db, { row, now, keepsLinks: post.keepsLinks });
  return true;
}

/**
 * What has been sent is forgotten where it should not be read again: the links that prove something,
 * and whom we told that their account is deleted.
 */
async function markDone(
  db: Database,
  { row, now, keepsLinks }: { row: OutboxRow; now: Date; keepsLinks: boolean },
): Promise<void> {
  await db
    .update(outbox)
    .set({
      status: "done",
      doneAt: now,
      lastError: null,
      ...(!keepsLinks && { payload: withoutSecrets }),
    })
    .where(eq(outbox.id, row.id));
}

const withoutSecrets = sql`case ${outbox.payload} ->> 'template'
  when 'account-deleted' then jsonb_build_object('template', 'account-deleted')
  else ${outbox.payload} #- '{props,url}' end`;

async function markFailed(
  db: Database,
  { row, now, error }: { row: OutboxRow; now: Date; error: unknown },
): Promise<void> {
  const isDead = row.attempts >= MAX_ATTEMPTS;
  const reason = error instanceof Error ? error.message : "unknown";
  logger.warn({ err: error, outboxId: row.id, attempt: row.attempts, isDead }, "An e-mail failed");
  await db
    .update(outbox)
    .set({
      status: isDead ? "dead" : "pending",
      lastError: reason.slice(0, 500),
      nextAttemptAt: new Date(now.getTime() + backoffMs(row.attempts)),
    })
    .where(eq(outbox.id, row.id));
}

/** 1, 4, 16 minutes …, six hours at most: eight attempts span more than half a day. */
function backoffMs(attempts: number): number {
  return Math.min(60_000 * 4 ** (attempts - 1), 6 * 60 * 60_000);
}
