import { millisecondsInMinute } from "date-fns/constants";
import { desc, eq, isNotNull, isNull, sql } from "drizzle-orm";
import type { Database, Executor, Transaction } from "@/db/client";
import { runningFrom } from "@/lib/clock";
import { instant } from "./call-ledger";
import { reconciliation } from "./schema";

/** Users per transaction. */
const BATCH_USERS = 2_000;

/** A batch takes less than a second, so one without progress for this long was interrupted. */
const INTERRUPTED_AFTER_MS = millisecondsInMinute;

export type Reconciliation = typeof reconciliation.$inferSelect;

/**
 * Recomputes every account from its transactions, in batches, and freezes spending on those that
 * don't match. Resumes an unfinished reconciliation; concurrent calls share it, and each user is
 * checked once. Stops before `deadlineMs` (of `performance.now()`) with `finishedAt` null, and the
 * next call resumes. Locks: see src/ledger/sql.
 */
export async function reconcileBooks(
  db: Database,
  {
    now,
    deadlineMs,
    batchUsers = BATCH_USERS,
  }: { now: Date; deadlineMs: number; batchUsers?: number },
): Promise<Reconciliation> {
  const { id } = await openReconciliation(db, now);
  const clock = runningFrom(now);
  let checked = batchUsers;
  while (checked === batchUsers && performance.now() < deadlineMs) {
    // Each batch stores its own instant, which shows that a worker is active.
    checked = await reconcileBatch(db, { id, batchUsers, now: clock() });
  }
  return readReconciliation(db, id);
}

/** Returns the unfinished reconciliation, or a new one that no worker has started. */
export async function openReconciliation(db: Database, now: Date): Promise<Reconciliation> {
  return db.transaction(async (tx) => {
    // Concurrent calls must not start two.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('reconciliation'))`);
    const running = await runningReconciliation(tx);
    if (running !== undefined) return running;
    const [started] = await tx.insert(reconciliation).values({ startedAt: now }).returning();
    if (started === undefined) throw new Error("The reconciliation could not be started.");
    return started;
  });
}

/** Returns the unfinished reconciliation, running or interrupted, or undefined. */
export async function runningReconciliation(reader: Executor): Promise<Reconciliation | undefined> {
  const [running] = await reader
    .select()
    .from(reconciliation)
    .where(isNull(reconciliation.finishedAt))
    .orderBy(desc(reconciliation.startedAt))
    .limit(1);
  return running;
}

/** Whether an unfinished reconciliation has made no progress for a minute. */
export function isInterrupted(
  { startedAt, updatedAt, finishedAt }: Reconciliation,
  now: Date,
): boolean {
  const progressAt = updatedAt ?? startedAt;
  return finishedAt === null && now.getTime() - progressAt.getTime() > INTERRUPTED_AFTER_MS;
}

/** Returns the last finished reconciliation, or undefined. */
export async function lastReconciliation(reader: Executor): Promise<Reconciliation | undefined> {
  const [last] = await reader
    .select()
    .from(reconciliation)
    .where(isNotNull(reconciliation.finishedAt))
    .orderBy(desc(reconciliation.startedAt))
    .limit(1);
  return last;
}

/** Unfreezes an account after an admin has checked it. The caller writes the audit entry. */
export async function unfreezeAccount(
  tx: Transaction,
  { userId, now }: { userId: string; now: Date },
): Promise<void> {
  await tx.execute(sql`select credits_set_frozen(${userId}, null, ${instant(now)})`);
}

/** Returns the number of users checked. */
async function reconcileBatch(
  db: Database,
  { id, batchUsers, now }: { id: string; batchUsers: number; now: Date },
): Promise<number> {
  const [batch] = await db.execute<{ users: number }>(
    sql`select credits_reconcile_batch(${id}::uuid, ${batchUsers}::integer, ${instant(now)}) as users`,
  );
  if (batch === undefined) throw new Error("credits_reconcile_batch returned no row.");
  return batch.users;
}

async function readReconciliation(reader: Executor, id: string): Promise<Reconciliation> {
  const [found] = await reader.select().from(reconciliation).where(eq(reconciliation.id, id));
  if (found === undefined) throw new Error(`Reconciliation ${id} does not exist.`);
  return found;
}
