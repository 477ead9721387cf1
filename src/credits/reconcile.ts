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
  let after: string | null = "";
  while (after !== null) {
    const [batch] = await db.execute<{
      users: number;
      last_user: string | null;
      drifted: string[];
    }>(
      sql`select users, last_user, drifted
        from credits_reconcile_batch(${after}, ${BATCH_USERS}::integer, ${instant(now)})`,
    );
    usersChecked += batch?.users ?? 0;
    driftedUsers.push(...(batch?.drifted ?? []));
    after = batch?.last_user ?? null;
  }
  const [finished] = await db
    .update(reconciliation)
    .set({ finishedAt: now, usersChecked, driftedUsers })
    .where(eq(reconciliation.id, started.id))
    .returning();
  return finished ?? started;
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
