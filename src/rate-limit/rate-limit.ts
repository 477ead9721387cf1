import { createHmac } from "node:crypto";
import { secondsInDay } from "date-fns/constants";
import { desc, eq, lt, lte, or, sql } from "drizzle-orm";
import type { Database } from "@/db/client";
import { rateLimit } from "@/db/schema";
import { RateLimited } from "@/lib/errors";

interface AttemptKey {
  /** The actor and the action, e.g. `checkout:<user>`. May contain an address: only a hash is stored. */
  readonly key: string;
  /** Keys the hash, so that nobody can look addresses up in a copy of the table. */
  readonly secret: string;
}

interface Attempt extends AttemptKey {
  /** Attempts allowed in one window. */
  readonly limit: number;
  /** At most a day: `pruneAttempts` deletes older counters. */
  readonly windowSeconds: number;
  readonly now: Date;
}

export const MAX_WINDOW_SECONDS = secondsInDay;
/** About 15 MB. Legitimate use creates fewer counters in a day. */
export const MAX_COUNTERS = 100_000;

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
  { key, secret, limit, windowSeconds, now }: Attempt,
): Promise<{ allowed: boolean; retryAfterSeconds: number }> {
  if (windowSeconds > MAX_WINDOW_SECONDS) throw new RangeError("A window lasts a day at most.");
  const nowMs = now.getTime();
  const windowMs = windowSeconds * 1000;
  const isOver = sql`${rateLimit.lastRequest} <= ${nowMs - windowMs}`;
  const [row] = await db
    .insert(rateLimit)
    .values({
      id: crypto.randomUUID(),
      key: storedKey({ key, secret }),
      count: 1,
      lastRequest: nowMs,
    })
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

/** Deletes a counter, so that the next attempt counts as the first. */
export async function clearAttempts(db: Database, key: AttemptKey): Promise<void> {
  await db.delete(rateLimit).where(eq(rateLimit.key, storedKey(key)));
}

/**
 * Deletes counters whose windows have ended, and the oldest ones beyond `maxCounters`, so that a flood
 * from many addresses cannot fill the disk.
 */
export async function pruneAttempts(
  db: Database,
  { now, maxCounters = MAX_COUNTERS }: { now: Date; maxCounters?: number },
): Promise<void> {
  const cutoff = now.getTime() - MAX_WINDOW_SECONDS * 1000;
  const firstBeyond = db
    .select({ lastRequest: rateLimit.lastRequest })
    .from(rateLimit)
    .orderBy(desc(rateLimit.lastRequest))
    .offset(maxCounters)
    .limit(1);
  await db
    .delete(rateLimit)
    .where(or(lt(rateLimit.lastRequest, cutoff), lte(rateLimit.lastRequest, firstBeyond)));
}

function storedKey({ key, secret }: AttemptKey): string {
  return createHmac("sha256", secret).update(`rate-limit:${key}`).digest("base64url");
}
