import { secondsInDay } from "date-fns/constants";
import { lt, sql } from "drizzle-orm";
import type { Database } from "@/db/client";
import { rateLimit } from "@/db/schema";
import { RateLimited } from "@/lib/errors";

interface Attempt {
  /** The actor and the action, e.g. `checkout:<user>` or `email:<hash>|/sign-in/email`. */
  readonly key: string;
  /** Attempts allowed in one window. */
  readonly limit: number;
  /** At most a day: `pruneAttempts` deletes older counters. */
  readonly windowSeconds: number;
  readonly now: Date;
}

const MAX_WINDOW_SECONDS = secondsInDay;

/**
 * Counts an attempt in the database, where all processes share the count. Throws `RateLimited` with
 * the seconds until the window ends.
 *
 * Windows are fixed and start with the first attempt. Unlike a sliding window, a fixed one has an
 * exact end, which further attempts do not postpone.
 */
export async function countAttempt(db: Database, attempt: Attempt): Promise<void> {
  const { allowed, retryAfterSeconds } = await consumeAttempt(db, attempt);
  if (!allowed) throw new RateLimited({ retryAfterSeconds });
}

/** Like `countAttempt`, but returns the result. One statement, so concurrent attempts all count. */
export async function consumeAttempt(
  db: Database,
  { key, limit, windowSeconds, now }: Attempt,
): Promise<{ allowed: boolean; retryAfterSeconds: number }> {
  if (windowSeconds > MAX_WINDOW_SECONDS) throw new RangeError("A window lasts a day at most.");
  const nowMs = now.getTime();
  const windowMs = windowSeconds * 1000;
  const isOver = sql`${rateLimit.lastRequest} <= ${nowMs - windowMs}`;
  const [row] = await db
    .insert(rateLimit)
    .values({ id: crypto.randomUUID(), key, count: 1, lastRequest: nowMs })
    .onConflictDoUpdate({
      target: rateLimit.key,
      set: {
        count: sql`case when ${isOver} then 1 else ${rateLimit.count} + 1 end`,
        lastRequest: sql`case when ${isOver} then ${nowMs}::bigint else ${rateLimit.lastRequest} end`,
      },
    })
    .returning({ count: rateLimit.count, startedAtMs: rateLimit.lastRequest });
  if (row === undefined) throw new Error("The upsert returned no row.");
  const remainingMs = row.startedAtMs + windowMs - nowMs;
  return {
    allowed: row.count <= limit,
    retryAfterSeconds: Math.max(1, Math.ceil(remainingMs / 1000)),
  };
}

/** Deletes counters whose windows have ended. */
export async function pruneAttempts(db: Database, now: Date): Promise<void> {
  const cutoff = now.getTime() - MAX_WINDOW_SECONDS * 1000;
  await db.delete(rateLimit).where(lt(rateLimit.lastRequest, cutoff));
}
