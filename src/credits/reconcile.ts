import { desc, eq, isNotNull, sql } from "drizzle-orm";
import type { Database, Reader, Transaction } from "@/db/client";
import { reconciliation } from "@/db/schema/jobs";
import { instant } from "./parameters";

const BATCH_USERS = 2_000;

export type Reconciliation = typeof reconciliation.$inferSelect;

/**
 * Recomputes the books of every user from the transactions, in set-based batches, and freezes the
 * spending of whoever's drifted. Answers what it checked and found. Memory does not grow with users.
 */
export async function reconcileBooks(
  db: Database,
  { now }: { now: Date },
): Promise<Reconciliation> {
  const [started] = await db.insert(reconciliation).values({ startedAt: now }).returning();
  if (started === undefined) throw new Error("A reconciliation could not be started.");
  let usersChecked = 0;
  const driftedUsers: string[] = [];
  for (let after: string | null = ""; after !== null; ) {
    const batch: ReconciledBatch = await reconcileBatch(db, after, now);
    usersChecked += batch.users;
    driftedUsers.push(...batch.drifted);
    after = batch.last_user;
  }
  const [finished] = await db
    .update(reconciliation)
    .set({ finishedAt: now, usersChecked, driftedUsers })
    .where(eq(reconciliation.id, started.id))
    .returning();
  return finished ?? started;
}

interface ReconciledBatch extends Record<string, unknown> {
  readonly users: number;
  readonly last_user: string | null;
  readonly drifted: readonly string[];
}

async function reconcileBatch(db: Database, after: string, now: Date): Promise<ReconciledBatch> {
  const [batch] = await db.execute<ReconciledBatch>(
    sql`select users, last_user, drifted
      from credits_reconcile_batch(${after}, ${BATCH_USERS}::integer, ${instant(now)})`,
  );
  if (batch === undefined) throw new Error("credits_reconcile_batch answered no row");
  return batch;
}

/** The last reconciliation that ran to its end, or undefined. */
export async function lastReconciliation(reader: Reader): Promise<Reconciliation | undefined> {
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
