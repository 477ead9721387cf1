import { and, desc, eq, isNull, lte } from "drizzle-orm";
import { z } from "zod";
import type { Database, Executor, Transaction } from "@/db/client";
import { expiryReminder, notification, notificationPreference } from "@/db/schema";
import { type EmailToEnqueue, emailInsert } from "@/emails/enqueue-email";
import { type Notice, type NoticeContent, type NoticeList, notice } from "./notice";

export type NoticeToAdd = NoticeContent & {
  readonly userId: string;
  /** Names the fact, e.g. `purchase:checkout:cs_…`. A user gets one notice per key. */
  readonly key: string;
};

/**
 * Adds notices in the caller's transaction: they appear if and only if it commits. A known key
 * changes nothing. Locks no account.
 */
export async function addNotices(
  tx: Executor,
  notices: readonly NoticeToAdd[],
  now: Date,
): Promise<void> {
  if (notices.length === 0) return;
  await tx
    .insert(notification)
    .values(notices.map((added) => ({ ...added, createdAt: now })))
    .onConflictDoNothing();
}

/** Adds a notice and enqueues an email about the same fact, in one statement. */
export async function addNoticeAndEmail(
  tx: Executor,
  { notice: added, email }: { notice: NoticeToAdd; email: EmailToEnqueue },
  now: Date,
): Promise<void> {
  const insertEmail = emailInsert(tx, [email], now);
  if (insertEmail === null) return addNotices(tx, [added], now);
  await tx
    .with(tx.$with("email").as(insertEmail))
    .insert(notification)
    .values({ ...added, createdAt: now })
    .onConflictDoNothing();
}

/** A user's notices, newest first. */
export async function listNotices(
  db: Executor,
  { userId, limit }: { userId: string; limit: number },
): Promise<Notice[]> {
  const rows = await db
    .select()
    .from(notification)
    .where(eq(notification.userId, userId))
    .orderBy(desc(notification.createdAt), notification.id)
    .limit(limit);
  return rows.map(({ id, kind, facts, createdAt, readAt }) =>
    notice.parse({
      id,
      kind,
      facts,
      createdAt: createdAt.toISOString(),
      readAt: readAt?.toISOString() ?? null,
    }),
  );
}

/** The contents of the bell: the newest notices and the number of all unread ones. */
export async function readBell(
  db: Executor,
  { userId, limit }: { userId: string; limit: number },
): Promise<NoticeList> {
  const [notices, unread] = await Promise.all([
    listNotices(db, { userId, limit }),
    db.$count(notification, and(eq(notification.userId, userId), isNull(notification.readAt))),
  ]);
  return { notices, unread };
}

export const markReadInput = z.object({
  /** `createdAt` of the newest notice the user has seen. Later notices stay unread. */
  upTo: z.iso.datetime().transform((text) => new Date(text)),
});

/** Marks a user's notices up to and including `upTo` as read. */
export async function markRead(
  db: Database,
  { userId, upTo, now }: { userId: string; upTo: Date; now: Date },
): Promise<void> {
  await db
    .update(notification)
    .set({ readAt: now })
    .where(
      and(
        eq(notification.userId, userId),
        isNull(notification.readAt),
        lte(notification.createdAt, upTo),
      ),
    );
}

/** Deletes the notices, preferences and reminder marks of a deleted account. */
export async function deleteNotifications(tx: Transaction, userId: string): Promise<void> {
  for (const table of [notification, notificationPreference, expiryReminder]) {
    await tx.delete(table).where(eq(table.userId, userId));
  }
}
