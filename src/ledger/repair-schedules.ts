import { addHours } from "date-fns";
import { sql } from "drizzle-orm";
import { ALLOTMENT_GRACE_HOURS, PLANS, SIGN_UP_GIFT } from "@/catalog/catalog";
import type { Database } from "@/db/client";
import { credits, hours, instant } from "./parameters";

const BATCH_USERS = 5_000;

export interface Repair {
  /** How many users had no schedule of free months and have one now. */
  readonly repairedCount: number;
  readonly failedUsers: readonly string[];
  /** False when the time was up first; the next repair begins anew. */
  readonly done: boolean;
}

/**
 * Finds users without a schedule of free months and gives it to them, with the sign-up credits if
 * those were never granted: a sign-up cut off between the user and the account, whose person never
 * came back. Walks over all users by id, in batches of one transaction each, so it is nightly work
 * and no part of a distribution run. Once or ten times is the same. Stops before `deadlineMs`
 * (milliseconds of `performance.now()`).
 */
export async function repairSchedules(
  db: Database,
  { now, deadlineMs }: { now: Date; deadlineMs: number },
): Promise<Repair> {
  let repairedCount = 0;
  const failedUsers: string[] = [];
  let after: string | null = "";
  while (after !== null && performance.now() < deadlineMs) {
    const batch: RepairedBatch = await repairBatch(db, after, now);
    repairedCount += batch.repaired;
    failedUsers.push(...batch.failed_users);
    after = batch.next_user;
  }
  return { repairedCount, failedUsers, done: after === null };
}

interface RepairedBatch extends Record<string, unknown> {
  readonly repaired: number;
  readonly failed_users: readonly string[];
  readonly next_user: string | null;
}

async function repairBatch(db: Database, after: string, now: Date): Promise<RepairedBatch> {
  const [batch] = await db.execute<RepairedBatch>(
    sql`select repaired, failed_users, next_user
      from credits_repair_batch(${after}, ${BATCH_USERS}::integer, ${credits(SIGN_UP_GIFT.credits)},
        ${instant(addHours(now, SIGN_UP_GIFT.expireDays * 24))}, ${credits(PLANS.free.creditsPerMonth)},
        ${hours(ALLOTMENT_GRACE_HOURS)}, ${instant(now)})`,
  );
  if (batch === undefined) throw new Error("credits_repair_batch answered no row");
  return batch;
}
