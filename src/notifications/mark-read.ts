import { and, eq, isNull, lte } from "drizzle-orm";
import { z } from "zod";
import type { Database } from "@/db/client";
import { notification } from "@/db/schema";

export const markReadInput = z.object({
  /** When the newest notice was made that the person has seen: a later one stays unread. */
  upTo: z.iso.datetime().transform((text) => new Date(text)),
});

/** Marks a person's notices as read, up to an instant and including it. */
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
