import { desc, eq, isNotNull, isNull, sql } from "drizzle-orm";
import type { Database, Executor, Transaction } from "@/db/client";
import { runningFrom } from "@/lib/clock";
import { instant } from "./parameters";
import { reconciliation } from "./schema";

/** How many users are checked in one transaction. */
const BATCH_USERS = 2_000;

export type Reconciliation = typeof reconciliation.$inferSelect;

/**
 * Recomputes the books of every user from the transactions, in set-based batches, and freezes the
 * spending of whoever's drifted. Goes on with a reconciliation that was cut off or is under way:
 * any number of calls share one, and each user is checked once. Stops before `deadlineMs`
 * (milliseconds of `performance.now()`) with `finishedAt` null, and the next call goes on. Memory
 * does not grow with users. Locks: see credits-reconcile.sql.
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
    // The instant of each batch: its row tells whether somebody is at work.
    checked = await reconcileBatch(db, { id, batchUsers, now: clock() });
  }
  return readReconciliation(db, id);
}

/** The reconciliation that is under way or was cut off, or a new one that nobody works on yet. */
export async function openReconciliation(db: Database, now: Date): Promise<Reconciliation> {
  return db.transaction(async (tx) => {
    // Two calls at the same moment must not start two.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('reconciliation'))`);
    const running = await runningReconciliation(tx);
    if (running !== undefined) return running;
    const [started] = await tx.insert(reconciliation).values({ startedAt: now }).returning();
    if (started === undefined) throw new Error("A reconciliation could not be started.");
    return started;
  });
}

/** Answers how many users it checked. */
async function reconcileBatch(
  db: Database,
  { id, batchUsers, now }: { id: string; batchUsers: number; now: Date },
): Promise<number> {
  const [batch] = await db.execute<{ users: number }>(
    sql`select credits_reconcile_batch(${id}::uuid, ${batchUsers}::integer, ${instant(now)}) as users`,
  );
  if (batch === undefined) throw new Error("credits_reconcile_batch answered no row");
  return batch.users;
}

async function readReconciliation(reader: Executor, id: string): Promise<Reconciliation> {
  const [found] = await reader.select().from(reconciliation).where(eq(reconciliation.id, id));
  if (found === undefined) throw new Error(`Reconciliation ${id} is gone.`);
  return found;
}

/** The reconciliation that is under way or was cut off, or undefined. */
export async function runningReconciliation(reader: Executor): Promise<Reconciliation | undefined> {
  const [running] = await reader
    .select()
    .from(reconciliation)
    .where(isNull(reconciliation.finishedAt))
    .orderBy(desc(reconciliation.startedAt))
    .limit(1);
  return running;
}

/** Batches take less than a second each. */
const CUT_OFF_AFTER_MS = 60_000;

/** Whether nobody seems to be at work on an unfinished reconciliation any more. */
export function isCutOff({ startedAt, updatedAt, finishedAt }: Reconciliation, now: Date): boolean {
  const movedAt = updatedAt ?? startedAt;
  return finishedAt === null && now.getTime() - movedAt.getTime() > CUT_OFF_AFTER_MS;
}

/** The last reconciliation that ran to its end, or undefined. */
export async function lastReconciliation(reader: Executor): Promise<Reconciliation | undefined> {
  const [last] = await reader
    .select()
    .from(reconciliation)
    .where(isNotNull(reconciliation.finishedAt))
    .orderBy(desc(reconciliation.startedAt))
    .limit(1);
  return last;
}

/** Lets an account spend again after an admin has looked at its books. The audit is the caller's. */
export async function unfreezeAccount(
  tx: Transaction,
  { userId, now }: { userId: string; now: Date },
): Promise<void> {
  await tx.execute(sql`select credits_set_frozen(${userId}, null, ${instant(now)})`);
}
