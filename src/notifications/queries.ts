import { and, desc, eq, isNull } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { notification } from "@/db/schema";
import { type Notice, type NoticeList, notice } from "./notice";

/** A person's newest notices. */
export async function listNotices(
  reader: Executor,
  { userId, limit }: { userId: string; limit: number },
): Promise<Notice[]> {
  const rows = await reader
    .select()
    .from(notification)
    .where(eq(notification.userId, userId))
    .orderBy(desc(notification.createdAt), notification.id)
    .limit(limit);
  return rows.map(({ id, kind, facts, createdAt, readAt }) =>
    notice.parse({
      ...{ id, kind, facts },
      createdAt: createdAt.toISOString(),
      readAt: readAt?.toISOString() ?? null,
    }),
  );
}

/** What the bell shows: the newest notices, and how many there are unread in all. */
export async function readBell(
  reader: Executor,
  { userId, limit }: { userId: string; limit: number },
): Promise<NoticeList> {
  const [notices, unread] = await Promise.all([
    listNotices(reader, { userId, limit }),
    reader.$count(notification, and(eq(notification.userId, userId), isNull(notification.readAt))),
  ]);
  return { notices, unread };
}
