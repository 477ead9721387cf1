import { eq, getTableColumns, sql } from "drizzle-orm";
import type { Database, Executor } from "@/db/client";
import { countSome } from "@/db/count-some";
import { driverErrorOf } from "@/db/driver-error";
import { user } from "@/db/schema";
import { distributeToUser } from "@/ledger/distribution/distribute";
import { distributionFailure } from "@/ledger/distribution/schema";
import { type Audited, auditedInput, completeAudit, recordAudit, targetId } from "../audit";
import { keysetPage, type PageRequest, toPage } from "../lists/keyset";

const PAGE_USERS = 10;

/**
 * One page of the users for whom the distribution failed, most recent failure first, and their number,
 * at most `COUNT_LIMIT` + 1.
 */
export async function listFailures(reader: Executor, request: PageRequest) {
  const { cursorAt, pastCursor, orderBy, limit } = keysetPage(
    { at: distributionFailure.sinceAt, id: distributionFailure.userId, ids: "desc" },
    request,
    PAGE_USERS,
  );
  const [rows, [counted]] = await Promise.all([
    reader
      .select({
        ...getTableColumns(distributionFailure),
        id: distributionFailure.userId,
        email: user.email,
        cursorAt,
      })
      .from(distributionFailure)
      .leftJoin(user, eq(user.id, distributionFailure.userId))
      .where(pastCursor)
      .orderBy(...orderBy)
      .limit(limit),
    reader.execute<{ count: number }>(sql`select ${countSome(sql`distribution_failure`)} as count`),
  ]);
  return { ...toPage(rows, request, PAGE_USERS), count: counted?.count ?? 0 };
}
export type FailuresPage = Awaited<ReturnType<typeof listFailures>>;

export type Failure = typeof distributionFailure.$inferSelect;

/** The user's current distribution failure, or null. */
export async function findFailure(reader: Executor, userId: string): Promise<Failure | null> {
  const [failure] = await reader
    .select()
    .from(distributionFailure)
    .where(eq(distributionFailure.userId, userId));
  return failure ?? null;
}

export type RetryOutcome =
  | { readonly outcome: "granted"; readonly allotments: number; readonly credits: number }
  | { readonly outcome: "failed"; readonly error: string }
  | { readonly outcome: "repeated" };

export const retryInput = auditedInput.extend({ userId: targetId });

/**
 * Distributes to one user outside a run and audits the outcome. A resubmitted form (`id`) acts
 * once, and no allotment is granted twice.
 * @throws IdempotencyConflict
 */
export async function retryFailure(
  db: Database,
  { id, userId, actorId, now }: Audited<typeof retryInput>,
): Promise<RetryOutcome> {
  const action = "distribution.retry";
  const isNew = await recordAudit(db, { id, actorId, action, targetUserId: userId, now });
  if (!isNew) return { outcome: "repeated" };
  const retried = await distribute(db, { userId, now });
  await completeAudit(db, { id, after: { ...retried } });
  return retried;
}

/** Returns the error instead of throwing it: the admin retries a failure that a run has reported. */
async function distribute(
  db: Database,
  { userId, now }: { userId: string; now: Date },
): Promise<RetryOutcome> {
  try {
    const granted = await db.transaction((tx) => distributeToUser(tx, { userId, now }));
    return { outcome: "granted", ...granted };
  } catch (error) {
    const thrown = driverErrorOf(error);
    return { outcome: "failed", error: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}
