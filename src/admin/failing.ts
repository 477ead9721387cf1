import { and, asc, eq, isNotNull, lte } from "drizzle-orm";
import type { z } from "zod";
import { distributeToUser } from "@/credits/distribute-one";
import type { Database, Reader } from "@/db/client";
import { creditSchedule, user } from "@/db/schema";
import { completeAudit, recordAudit } from "./audit";
import type { retryScheduleInput } from "./input";

/**
 * The promises that a run could not keep and that are still owed at `at`, the longest due first,
 * with what went wrong. Reads what is due alone, which between runs is just these.
 */
export async function listFailing(reader: Reader, { at, limit }: { at: Date; limit: number }) {
  return reader
    .select({
      userId: creditSchedule.userId,
      email: user.email,
      id: creditSchedule.id,
      credits: creditSchedule.credits,
      dueAt: creditSchedule.nextDueAt,
      failedAt: creditSchedule.failedAt,
      lastError: creditSchedule.lastError,
    })
    .from(creditSchedule)
    .leftJoin(user, eq(user.id, creditSchedule.userId))
    .where(
      and(
        isNotNull(creditSchedule.nextDueAt),
        lte(creditSchedule.nextDueAt, at),
        isNotNull(creditSchedule.failedRunId),
      ),
    )
    .orderBy(asc(creditSchedule.nextDueAt), asc(creditSchedule.userId))
    .limit(limit);
}
export type Failing = Awaited<ReturnType<typeof listFailing>>[number];

export type Retried =
  | { readonly outcome: "granted"; readonly allotments: number; readonly credits: number }
  | { readonly outcome: "failed"; readonly error: string }
  | { readonly outcome: "repeated" };

/**
 * Grants one user what is due now, outside a run, and writes down who tried and what came of it. The
 * same press (`id`) sent again does nothing; whatever was granted meanwhile is not granted twice.
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
