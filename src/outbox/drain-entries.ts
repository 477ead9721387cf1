import { and, asc, eq, lte, type SQL, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import type { Database, Executor, Transaction } from "@/db/client";
import { outbox } from "@/db/schema";
import { runningFrom } from "@/lib/clock";
import { logger } from "@/lib/logger";

export type OutboxRow = typeof outbox.$inferSelect;
type Changes = PgUpdateSetSource<typeof outbox>;

/** How one kind of outbox entries is done. */
export interface OutboxWork {
  readonly kind: OutboxRow["kind"];
  /** Which of that kind; absent: all. */
  readonly only?: SQL | undefined;
  /** How long a worker has for the one entry it took; afterwards another may take it. */
  readonly leaseMs: number;
  /** Does it, outside of any transaction; `row.attempts` have failed before. Throws when it was not done. */
  readonly deliver: (row: OutboxRow) => Promise<void>;
  /** What else changes on an entry that is done. */
  readonly whenDone?: { readonly payload: SQL } | undefined;
  /** When to try again after `row.attempts` failures; null: never, it is dead. */
  readonly nextAttempt: (row: OutboxRow, now: Date) => Date | null;
  /** Whether an error means that the others would fare no better now: then this piece ends. */
  readonly isOutage: (error: unknown) => boolean;
  /** Runs in the transaction that marks the entry dead. */
  readonly onDead?: (tx: Transaction, row: OutboxRow) => Promise<void>;
}

export interface OutboxLimits {
  readonly now: Date;
  /** Milliseconds of `performance.now()` after which no further entry is begun. */
  readonly deadlineMs: number;
}

export interface Worked {
  readonly done: number;
  readonly failed: number;
}

/**
 * Does what is due of one kind, the longest due first, until nothing is left, the time is up or the
 * other side is down. At least once: an entry is taken in one short statement (others skip it, and
 * its next attempt is put off by the lease), done outside of any transaction under its idempotency
 * key, and then marked. A crash in between means a second attempt with the same key. One entry is
 * taken at a time, so that none waits behind another that hangs while nobody else may have it.
 */
export async function workOutbox(
  db: Database,
  work: OutboxWork,
  { now, deadlineMs }: OutboxLimits,
): Promise<Worked> {
  const worked = { done: 0, failed: 0 };
  const clock = runningFrom(now);
  const next = () => {
    if (performance.now() >= deadlineMs) return null;
    return { now, leasedUntil: new Date(clock().getTime() + work.leaseMs) };
  };
  for (let row = await claim(db, work, next()); row !== undefined; ) {
    const failure = await attempt(work, row);
    // Counted only now: what a crash cut off is attempted again as the same attempt.
    const attempts = row.attempts + 1;
    if (failure === null) {
      const done = { status: "done", attempts, doneAt: now, lastError: null } as const;
      worked.done += 1;
      row = await claimAfter(db, work, {
        row,
        changes: { ...done, ...work.whenDone },
        next: next(),
      });
    } else {
      await markFailed(db, work, { row: { ...row, attempts }, now, error: failure.error });
      worked.failed += 1;
      if (work.isOutage(failure.error)) break;
      row = await claim(db, work, next());
    }
  }
  return worked;
}

/** From when on an entry is due, and until when it is whoever's claims it; null: none is claimed. */
type Claim = { readonly now: Date; readonly leasedUntil: Date } | null;

/** What was due at `now`; the lease counts from when it is taken, which may be minutes later. */
async function claim(
  db: Database,
  work: OutboxWork,
  wanted: Claim,
): Promise<OutboxRow | undefined> {
  if (wanted === null) return undefined;
  const { now, leasedUntil } = wanted;
  const [row] = await db
    .update(outbox)
    .set({ nextAttemptAt: leasedUntil, leasedUntil })
    .where(isNextDue(db, work, now))
    .returning();
  return row;
}

/** Marks an entry and takes the next in one statement: of many small commits half are spared. */
async function claimAfter(
  db: Database,
  work: OutboxWork,
  { row, changes, next }: { row: OutboxRow; changes: Changes; next: Claim },
): Promise<OutboxRow | undefined> {
  if (next === null) {
    await update(db, row, changes);
    return undefined;
  }
  const { now, leasedUntil } = next;
  const marked = db.$with("marked").as(updateOf(db, row, changes));
  const [claimed] = await db
    .with(marked)
    .update(outbox)
    .set({ nextAttemptAt: leasedUntil, leasedUntil })
    .where(isNextDue(db, work, now))
    .returning();
  return claimed;
}

/** The longest due entry that nobody has. One that is being worked on is due when its lease ends. */
function isNextDue(db: Database, work: OutboxWork, now: Date): SQL {
  const due = db
    .select({ id: outbox.id })
    .from(outbox)
    .where(and(eq(outbox.kind, work.kind), isPending, lte(outbox.nextAttemptAt, now), work.only))
    .orderBy(asc(outbox.nextAttemptAt))
    .limit(1)
    .for("update", { skipLocked: true });
  return sql`${outbox.id} = (${due})`;
}

/** Written out, as the partial index is: a parameter would not match it. */
const isPending = sql`${outbox.status} = 'pending'`;

async function attempt(work: OutboxWork, row: OutboxRow): Promise<{ error: unknown } | null> {
  try {
    await work.deliver(row);
    return null;
  } catch (error) {
    return { error };
  }
}

async function markFailed(
  db: Database,
  work: OutboxWork,
  { row, now, error }: { row: OutboxRow; now: Date; error: unknown },
): Promise<void> {
  const { id: outboxId, kind, attempts } = row;
  const next = work.nextAttempt(row, now);
  const isDead = next === null;
  logger.warn({ err: error, outboxId, kind, attempts, isDead }, "an outbox entry failed");
  const reason = error instanceof Error ? error.message : String(error);
  const changes = { attempts, lastError: reason.slice(0, 500) };
  if (next !== null) {
    await update(db, row, { ...changes, status: "pending", nextAttemptAt: next });
    return;
  }
  await db.transaction(async (tx) => {
    const marked = await update(tx, row, { ...changes, status: "dead", nextAttemptAt: now });
    if (marked) await work.onDead?.(tx, row);
  });
}

/**
 * False for an entry that is not this worker's any more: an admin has closed it or begun its count
 * anew meanwhile, or another worker took it when the lease was over. No two leases end alike.
 */
async function update(db: Executor, row: OutboxRow, changes: Changes): Promise<boolean> {
  const changed = await updateOf(db, row, changes);
  return changed.length > 0;
}

function updateOf(db: Executor, row: OutboxRow, changes: Changes) {
  const isOurs = sql`${outbox.leasedUntil} = ${row.leasedUntil?.toISOString()}::timestamptz`;
  return db
    .update(outbox)
    .set({ ...changes, leasedUntil: null })
    .where(and(eq(outbox.id, row.id), isOurs, isPending))
    .returning({ id: outbox.id });
}
