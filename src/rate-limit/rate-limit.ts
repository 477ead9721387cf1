import { lt, sql } from "drizzle-orm";
import type { Database } from "@/db/client";
import { rateLimit } from "@/db/schema";
import { RateLimited } from "@/lib/errors";

export interface Attempt {
  /** Who tries what, e.g. `checkout:<user>` or `sign-in:<hash of the address>`. */
  readonly key: string;
  /** Attempts allowed within one window. */
  readonly limit: number;
  /** At most a day: `forgetOldAttempts` drops what is older. */
  readonly windowSeconds: number;
  readonly now: Date;
}

const LONGEST_WINDOW_SECONDS = 24 * 60 * 60;

/**
 * Counts an attempt in the database, so that all processes share the count, and throws
 * `RateLimited` with the seconds until the window ends when there were too many.
 * Fixed windows, begun by the first attempt: unlike a sliding one they can say exactly when to come
 * back, and attempts made meanwhile do not push that instant away.
 */
export async function countAttempt(db: Database, attempt: Attempt): Promise<void> {
  const { allowed, retryAfterSeconds } = await consumeAttempt(db, attempt);
  if (!allowed) throw new RateLimited({ retryAfterSeconds });
}

/** The same count, told instead of thrown. One statement, so parallel attempts cannot pass together. */
export async function consumeAttempt(
  db: Database,
  { key, limit, windowSeconds, now }: Attempt,
): Promise<{ allowed: boolean; retryAfterSeconds: number }> {
  if (windowSeconds > LONGEST_WINDOW_SECONDS) throw new RangeError("A window lasts a day at most.");
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
  if (row === undefined) throw new Error("The attempt's row was not returned.");
  const remainingMs = row.startedAtMs + windowMs - nowMs;
  return {
    allowed: row.count <= limit,
    retryAfterSeconds: Math.max(1, Math.ceil(remainingMs / 1000)),
  };
}

/** Drops counters whose windows are surely over. For the small jobs. */
export async function forgetOldAttempts(db: Database, now: Date): Promise<void> {
  const cutoff = now.getTime() - LONGEST_WINDOW_SECONDS * 1000;
  await db.delete(rateLimit).where(lt(rateLimit.lastRequest, cutoff));
}
