import { sql } from "drizzle-orm";
import { z } from "zod";
import { catalog } from "@/catalog/catalog";
import { graceHoursOf } from "@/catalog/items";
import type { Database, Transaction } from "@/db/client";
import { logger } from "@/lib/logger";
import { callLedger, credits, hours, instant } from "./call-ledger";

/** The schedules of one source, or of one subscription. */
export type ScheduleSelector =
  | { readonly userId: string; readonly source: string }
  | { readonly userId: string; readonly subscriptionId: string };

/**
 * Opens the schedule of a subscription that switched to yearly billing while an allotment is
 * running. Grants nothing now; the first allotment is period `firstN`. `graceHours` (of the price's
 * terms; by default the catalogue's) apply to every allotment. Locks the account.
 */
export async function openYearlySchedule(
  tx: Transaction,
  schedule: {
    userId: string;
    source: string;
    subscriptionId: string;
    credits: number;
    anchorAt: Date;
    firstN: number;
    endsAt: Date;
    graceHours?: number | null | undefined;
    now: Date;
  },
): Promise<void> {
  await callLedger(
    tx,
    sql`select credits_open_schedule(${schedule.userId}, ${schedule.source}, 'yearly',
      ${schedule.subscriptionId}, null, ${credits(schedule.credits)}, 'SUBSCRIPTION_RENEWAL',
      ${instant(schedule.anchorAt)}, ${instant(schedule.endsAt)}, ${schedule.firstN}::integer,
      ${hours(graceHoursOf(schedule))}, ${instant(schedule.now)}) as result`,
    z.null(),
  );
}

/**
 * Ends schedules: periods due at or after `endsAt` are not granted, earlier ones still are. Returns
 * the number of schedules. Locks the account.
 */
export async function endSchedules(
  tx: Transaction,
  selector: ScheduleSelector & { endsAt: Date },
): Promise<number> {
  return callLedger(
    tx,
    sql`select credits_end_schedules(${selected(selector)}, ${instant(selector.endsAt)}) as result`,
    z.number(),
  );
}

/** Ends every schedule of a user whose account is deleted, as `endSchedules` does. */
export async function endAllSchedules(
  tx: Transaction,
  { userId, endsAt }: { userId: string; endsAt: Date },
): Promise<number> {
  return callLedger(
    tx,
    sql`select coalesce(sum(credits_end_schedules(user_id, id, null, ${instant(endsAt)})), 0)::integer as result
      from credit_schedule where user_id = ${userId}`,
    z.number(),
  );
}

/** Suspends allotments while a dispute is open. Locks the account. */
export async function suspendSchedules(
  tx: Transaction,
  selector: ScheduleSelector & { now: Date },
): Promise<number> {
  return callLedger(
    tx,
    sql`select credits_suspend_schedules(${selected(selector)}, ${instant(selector.now)}) as result`,
    z.number(),
  );
}

/**
 * Resumes suspended allotments. The missed periods become due. `reversePurchase` does it after a won dispute,
 * together with the credits. Locks the account.
 */
export async function resumeSchedules(
  tx: Transaction,
  selector: ScheduleSelector,
): Promise<number> {
  return callLedger(
    tx,
    sql`select credits_resume_schedules(${selected(selector)}) as result`,
    z.number(),
  );
}

/**
 * Reopens schedules that a refund ended as of `fromAt`, the purchase's beginning, after that refund
 * failed. They run to `endsAt` again (null: no end) and the missed periods become due. A schedule
 * that is running, or ended later for another reason, is unchanged. Locks the account.
 */
export async function reopenSchedules(
  tx: Transaction,
  selector: ScheduleSelector & { fromAt: Date; endsAt: Date | null },
): Promise<number> {
  return callLedger(
    tx,
    sql`select credits_reopen_schedules(${selected(selector)}, ${instant(selector.fromAt)},
      ${instant(selector.endsAt)}) as result`,
    z.number(),
  );
}

function selected(selector: ScheduleSelector) {
  const source = "source" in selector ? selector.source : null;
  const subscriptionId = "subscriptionId" in selector ? selector.subscriptionId : null;
  return sql`${selector.userId}, ${source}::text, ${subscriptionId}::text`;
}

export interface Repair {
  /** Users who had no schedule of free months and have one now. */
  readonly repairedCount: number;
  readonly failedUsers: readonly string[];
  /** False when the deadline came first; the next repair starts from the beginning. */
  readonly done: boolean;
}

const REPAIR_BATCH_USERS = 5_000;

/**
 * Recreates the schedule of free months for every user without one, and calls `openAccount` for users
 * whose account was never opened: the case is a sign-up interrupted between the user and the account.
 * Withheld free months stay withheld. Idempotent.
 * Scans all users by id, one transaction per batch, so it belongs in the nightly job. Stops before
 * `deadlineMs` (of `performance.now()`).
 */
export async function repairSchedules(
  db: Database,
  {
    openAccount,
    deadlineMs,
  }: { openAccount: (userId: string) => Promise<void>; deadlineMs: number },
): Promise<Repair> {
  let repairedCount = 0;
  const failedUsers: string[] = [];
  let after: string | null = "";
  while (after !== null && performance.now() < deadlineMs) {
    const batch: RepairBatch = await repairBatch(db, after);
    repairedCount += batch.repaired;
    failedUsers.push(...batch.failed_users);
    for (const userId of batch.unopened_users) {
      try {
        await openAccount(userId);
        repairedCount += 1;
      } catch (error) {
        logger.error({ err: error, userId }, "could not open the account");
        failedUsers.push(userId);
      }
    }
    after = batch.next_user;
  }
  return { repairedCount, failedUsers, done: after === null };
}

interface RepairBatch extends Record<string, unknown> {
  readonly repaired: number;
  readonly failed_users: readonly string[];
  readonly unopened_users: readonly string[];
  readonly next_user: string | null;
}

async function repairBatch(db: Database, after: string): Promise<RepairBatch> {
  const [batch] = await db.execute<RepairBatch>(
    sql`select repaired, failed_users, unopened_users, next_user
      from credits_repair_batch(${after}, ${REPAIR_BATCH_USERS}::integer,
        ${credits(catalog.freePlan.creditsPerMonth)}, ${hours(graceHoursOf(catalog.freePlan))})`,
  );
  if (batch === undefined) throw new Error("credits_repair_batch returned no row.");
  return batch;
}
