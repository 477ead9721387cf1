import { eq, getTableColumns, sql } from "drizzle-orm";
import type { z } from "zod";
import type { Database, Executor } from "@/db/client";
import { countSome } from "@/db/count-some";
import { user } from "@/db/schema";
import { distributeToUser } from "@/ledger/distribution/distribute";
import { distributionFailure } from "@/ledger/distribution/schema";
import { completeAudit, recordAudit } from "../audit";
import type { retryScheduleInput } from "../input";
import { keysetPage, type PageTurn, toPage } from "../lists/keyset";

const PAGE_USERS = 10;

/**
 * One page of the users whom the distribution could not serve and who are still owed something, those
 * who have failed for the shortest time first, with what went wrong, and how many there are, up to one
 * more than `MOST_COUNTED`. Reads these users alone, whatever is due.
 */
export async function listFailing(reader: Executor, turn: PageTurn) {
  const order = { at: distributionFailure.sinceAt, id: distributionFailure.userId } as const;
  const { cursorAt, beyond, orderBy, limit } = keysetPage(
    { ...order, ids: "desc" },
    turn,
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
      .where(beyond)
      .orderBy(...orderBy)
      .limit(limit),
    reader.execute<{ count: number }>(sql`select ${countSome(sql`distribution_failure`)} as count`),
  ]);
  return { ...toPage(rows, turn, PAGE_USERS), count: counted?.count ?? 0 };
}
export type FailingPage = Awaited<ReturnType<typeof listFailing>>;
export type Failing = FailingPage["rows"][number];

export type Failure = typeof distributionFailure.$inferSelect;

/** What the distribution failed with for one user; null when it did not. */
export async function findFailure(reader: Executor, userId: string): Promise<Failure | null> {
  const [failure] = await reader
    .select()
    .from(distributionFailure)
    .where(eq(distributionFailure.userId, userId));
  return failure ?? null;
}

export type Retried =
  | { readonly outcome: "granted"; readonly allotments: number; readonly credits: number }
  | { readonly outcome: "failed"; readonly error: string }
  | { readonly outcome: "repeated" };

/**
 * Gives one user what is due now, outside a run, and books what has expired; writes down who tried and
 * what came of it. The same press (`id`) sent again does nothing; whatever was granted meanwhile is not
 * granted twice.
 */
export async function retryFailing(
  db: Database,
  {
    id,
    userId,
    actorId,
    now,
  }: z.output<typeof retryScheduleInput> & { actorId: string; now: Date },
): Promise<Retried> {
  const isNew = await recordAudit(db, {
    ...{ id, actorId, action: "distribution.retry", targetUserId: userId, reason: null, now },
    ...{ before: {}, after: {} },
  });
  if (!isNew) return { outcome: "repeated" };
  const retried = await attempt(db, userId, now);
  await completeAudit(db, { id, after: { ...retried } });
  return retried;
}

/** What fails here is what failed in the run: a fact for the admin to read, no error of the console. */
async function attempt(db: Database, userId: string, now: Date): Promise<Retried> {
  try {
    const granted = await db.transaction((tx) => distributeToUser(tx, { userId, now }));
    return { outcome: "granted", ...granted };
  } catch (error) {
    const thrown = error instanceof Error ? (error.cause ?? error) : error;
    return { outcome: "failed", error: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}
