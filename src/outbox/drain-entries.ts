import { and, asc, eq, inArray, lte, type SQL, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import type { Database, Executor, Transaction } from "@/db/client";
import { outbox } from "@/db/schema";
import { runningFrom } from "@/lib/clock";
import { logger } from "@/lib/logger";
import { storableText } from "@/lib/storable-text";

export type OutboxEntry = typeof outbox.$inferSelect;

/** How entries of one kind are delivered. */
export interface EntryHandler {
  readonly kind: OutboxEntry["kind"];
  /** Restricts which entries of the kind are delivered. */
  readonly filter?: SQL | undefined;
  /** How long a worker owns a claimed entry. Longer than `deliver` can take. */
  readonly leaseMs: number;
  /**
   * Delivers an entry, outside any transaction. `entry.attempts` is the number of failed attempts
   * so far. Throws if the entry was not delivered.
   */
  readonly deliver: (entry: OutboxEntry) => Promise<void>;
  /** Replaces the payload of a delivered entry. */
  readonly payloadWhenDone?: SQL | undefined;
  /** When to retry after `entry.attempts` failures, the last with `error`; null dead-letters the entry. */
  readonly nextAttemptAt: (entry: OutboxEntry, now: Date, error: unknown) => Date | null;
  /** Whether an error means that the other entries would fail as well. It ends the drain. */
  readonly isOutage: (error: unknown) => boolean;
  /** Runs in the transaction that dead-letters the entry. */
  readonly onDead?: (tx: Transaction, entry: OutboxEntry) => Promise<void>;
}

export interface DrainLimits {
  readonly now: Date;
  /** Milliseconds of `performance.now()` after which no entry is claimed. */
  readonly deadlineMs: number;
}

export interface DrainResult {
  readonly done: number;
  readonly failed: number;
}

/**
 * Delivers the due entries of one kind, oldest first, until none is left, the deadline passes or an
 * outage occurs. Any number of workers may run concurrently.
 *
 * Delivery is at least once: an entry is claimed in one statement, delivered outside any transaction
 * under its idempotency key, and then marked. After a crash the lease expires and the entry is
 * retried under the same key. Entries are claimed one at a time so that none waits behind a slow one.
 */
export async function drainEntries(
  db: Database,
  handler: EntryHandler,
  { now, deadlineMs }: DrainLimits,
): Promise<DrainResult> {
  const result = { done: 0, failed: 0 };
  const clock = runningFrom(now);
  const nextClaim = () => {
    if (performance.now() >= deadlineMs) return null;
    return { dueAt: now, leasedUntil: new Date(clock().getTime() + handler.leaseMs) };
  };
  for (let entry = await claim(db, handler, nextClaim()); entry !== undefined; ) {
    const failure = await attempt(handler, entry);
    // Counted here and not when claiming: an attempt cut off by a crash is retried as the same one.
    const attempts = entry.attempts + 1;
    if (failure === null) {
      result.done += 1;
      entry = await completeAndClaim(db, handler, {
        entry: { ...entry, attempts },
        now,
        next: nextClaim(),
      });
    } else {
      result.failed += 1;
      await markFailed(db, handler, { entry: { ...entry, attempts }, now, error: failure.error });
      if (handler.isOutage(failure.error)) break;
      entry = await claim(db, handler, nextClaim());
    }
  }
  return result;
}

/** Restricts a handler to the entries with these idempotency keys; undefined restricts nothing. */
export function hasKey(keys: readonly string[] | undefined): SQL | undefined {
  return keys === undefined ? undefined : inArray(outbox.idempotencyKey, [...keys]);
}

/** Due time and lease expiry of the next claim; null claims nothing. */
type Claim = { readonly dueAt: Date; readonly leasedUntil: Date } | null;
type Changes = PgUpdateSetSource<typeof outbox>;

async function claim(
  db: Database,
  handler: EntryHandler,
  next: Claim,
): Promise<OutboxEntry | undefined> {
  if (next === null) return undefined;
  const { dueAt, leasedUntil } = next;
  const [entry] = await db
    .update(outbox)
    .set({ nextAttemptAt: leasedUntil, leasedUntil })
    .where(isNextDue(db, handler, dueAt))
    .returning();
  return entry;
}

/** Marks an entry done and claims the next in one statement, which halves the commits. */
async function completeAndClaim(
  db: Database,
  handler: EntryHandler,
  { entry, now, next }: { entry: OutboxEntry; now: Date; next: Claim },
): Promise<OutboxEntry | undefined> {
  const complete = updateIfOwned(db, entry, {
    status: "done",
    attempts: entry.attempts,
    doneAt: now,
    lastError: null,
    ...(handler.payloadWhenDone && { payload: handler.payloadWhenDone }),
  });
  if (next === null) {
    await complete;
    return undefined;
  }
  const { dueAt, leasedUntil } = next;
  const [claimed] = await db
    .with(db.$with("completed").as(complete))
    .update(outbox)
    .set({ nextAttemptAt: leasedUntil, leasedUntil })
    .where(isNextDue(db, handler, dueAt))
    .returning();
  return claimed;
}

/** Selects the oldest due entry that no worker has. A claimed entry is due when its lease expires. */
function isNextDue(db: Database, { kind, filter }: EntryHandler, dueAt: Date): SQL {
  const due = db
    .select({ id: outbox.id })
    .from(outbox)
    .where(and(eq(outbox.kind, kind), isPending, lte(outbox.nextAttemptAt, dueAt), filter))
    .orderBy(asc(outbox.nextAttemptAt))
    .limit(1)
    .for("update", { skipLocked: true });
  return sql`${outbox.id} = (${due})`;
}

/** A literal and not a parameter, to match the partial index. */
const isPending = sql`${outbox.status} = 'pending'`;

async function attempt(
  handler: EntryHandler,
  entry: OutboxEntry,
): Promise<{ error: unknown } | null> {
  try {
    await handler.deliver(entry);
    return null;
  } catch (error) {
    return { error };
  }
}

async function markFailed(
  db: Database,
  handler: EntryHandler,
  { entry, now, error }: { entry: OutboxEntry; now: Date; error: unknown },
): Promise<void> {
  const { id: outboxId, kind, attempts } = entry;
  const retryAt = handler.nextAttemptAt(entry, now, error);
  const isDead = retryAt === null;
  logger.warn({ err: error, outboxId, kind, attempts, isDead }, "outbox entry failed");
  const reason = error instanceof Error ? error.message : String(error);
  const changes = { attempts, lastError: storableText(reason.slice(0, 500)) };
  if (!isDead) {
    await updateIfOwned(db, entry, { ...changes, status: "pending", nextAttemptAt: retryAt });
    return;
  }
  await db.transaction(async (tx) => {
    const dead: Changes = { ...changes, status: "dead", nextAttemptAt: now };
    const updated = await updateIfOwned(tx, entry, dead);
    if (updated.length > 0) await handler.onDead?.(tx, entry);
  });
}

/**
 * Updates an entry and ends its lease. Returns no row if the worker no longer owns the entry: an
 * admin closed or reset it, or another worker claimed it after the lease expired. Lease expiries
 * identify the owner because no two are equal.
 */
function updateIfOwned(db: Executor, entry: OutboxEntry, changes: Changes) {
  const isOwned = sql`${outbox.leasedUntil} = ${entry.leasedUntil?.toISOString()}::timestamptz`;
  return db
    .update(outbox)
    .set({ ...changes, leasedUntil: null })
    .where(and(eq(outbox.id, entry.id), isOwned, isPending))
    .returning({ id: outbox.id });
}
