import { subHours } from "date-fns";
import { and, desc, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { catalog } from "@/catalog/catalog";
import type { Database, Executor, Transaction } from "@/db/client";
import { now as clockNow } from "@/lib/clock";
import { hours, instant } from "../call-ledger";
import { type Batch, CONCURRENCY, type DrainOutcome, drainDue } from "./drain-due";
import { expireCredits } from "./expire";
import { distributionRun } from "./schema";

export type DistributionRun = typeof distributionRun.$inferSelect;

/** A run with a larger share of failing users raises an alert. */
export const ALERT_ERROR_RATE = 0.05;

export const BATCH_SCHEDULES = 5_000;

/** How often a run retries accounts that were locked. */
const PASSES = 50;

/**
 * A run that locked accounts have kept unfinished for this long is closed, so that it is evaluated and
 * its failed users are retried. Shorter than the day between scheduled runs.
 */
const CLOSED_AFTER_HOURS = 20;

/** A day, plus an hour in which the scheduler's own daily call is still expected. */
const OVERDUE_AFTER_HOURS = 25;

export interface DistributionTask {
  /** Grants what is due by this instant, and books everything as of it or of a later joined run's. */
  readonly now: Date;
  /** Milliseconds of `performance.now()`. */
  readonly deadlineMs: number;
  /** A run returned by `joinOrStartRun`. Default: the one it returns now. */
  readonly run?: DistributionRun;
  /** Timestamps the work; may differ from `now`. */
  readonly clock?: () => Date;
  /** Due schedules or expired lots per transaction. */
  readonly batchSize?: number;
  readonly concurrency?: number;
}

/** The run's row after a call, and how the call ended. */
export type DistributionResult = DistributionRun & { readonly outcome: DrainOutcome };

/**
 * Books expired lots, then grants everything due by `now`, in batches of one transaction and one
 * round trip. Works on `run`, or joins the unfinished run if there is one; concurrent calls share a
 * run. Stops before `deadlineMs` with the run unfinished, and the next call resumes it. Locks the
 * accounts of one batch at a time and skips locked ones.
 */
export async function distributeCredits(
  db: Database,
  task: DistributionTask,
): Promise<DistributionResult> {
  const clock = task.clock ?? clockNow;
  let joined = task.run;
  for (;;) {
    const { id, asOf } = joined ?? (await joinOrStartRun(db, { now: task.now, at: clock() }));
    const outcome = await expireAndGrant(db, id, { ...task, now: asOf, clock });
    if (outcome !== "drained") return { ...(await readRun(db, id)), outcome };
    await finishRun(db, id, { asOf, at: clock() });
    const run = await readRun(db, id);
    if (run.status !== "running") return { ...run, outcome };
    // A concurrent call moved the run to a later instant.
    joined = run;
  }
}

const distributed = z.object({ allotments: z.coerce.number(), credits: z.coerce.number() });

/**
 * Grants one user everything due by `now`, as a run would. If the user still fails, throws the cause
 * and changes nothing. Locks the account.
 */
export async function distributeToUser(
  tx: Transaction,
  { userId, now }: { userId: string; now: Date },
): Promise<z.output<typeof distributed>> {
  const [row] = await tx.execute(
    sql`select allotments, credits
      from credits_distribute_one(${userId}, ${instant(now)}, ${hours(catalog.allotmentGraceHours)})`,
  );
  return distributed.parse(row);
}

/**
 * Returns the unfinished run, moved up to `now`, or a new one started at `at`. Closes an unfinished
 * run that is too old. Holds an advisory lock against concurrent callers until COMMIT.
 */
export async function joinOrStartRun(
  db: Executor,
  { now, at }: { now: Date; at: Date },
): Promise<DistributionRun> {
  return db.transaction(async (tx) => {
    // Concurrent calls must not start two runs.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('distribution_run'))`);
    await tx
      .update(distributionRun)
      .set({ status: "done", finishedAt: at, updatedAt: at })
      .where(
        and(
          eq(distributionRun.status, "running"),
          sql`${distributionRun.startedAt} <= ${instant(at)} - ${hours(CLOSED_AFTER_HOURS)}`,
        ),
      );
    const [running] = await tx
      .update(distributionRun)
      .set({ asOf: sql`greatest(${distributionRun.asOf}, ${instant(now)})` })
      .where(eq(distributionRun.status, "running"))
      .returning();
    if (running !== undefined) return running;
    const [started] = await tx
      .insert(distributionRun)
      .values({ asOf: now, startedAt: at, updatedAt: at })
      .returning();
    if (started === undefined) throw new Error("The distribution run could not be started.");
    return started;
  });
}

interface RunWork extends DistributionTask {
  readonly runId: string;
  readonly clock: () => Date;
  readonly concurrency: number;
  readonly passes: number;
}

/** Expiry comes first. Accounts busy during expiry don't keep the others from their grants. */
async function expireAndGrant(
  db: Database,
  runId: string,
  task: DistributionTask & { readonly clock: () => Date },
): Promise<DrainOutcome> {
  const { concurrency = CONCURRENCY } = task;
  const work: RunWork = { ...task, runId, concurrency, passes: PASSES };
  const expired = await expireCredits(db, work);
  if (expired.outcome === "deadline reached") return expired.outcome;
  const granted = await grantDue(db, work);
  return granted === "drained" ? expired.outcome : granted;
}

function grantDue(db: Database, work: RunWork): Promise<DrainOutcome> {
  const { runId, now, deadlineMs, clock, concurrency, passes } = work;
  const { batchSize = BATCH_SCHEDULES } = work;
  return drainDue({
    deadlineMs,
    batchSize,
    concurrency,
    passes,
    isAnythingDue: () => isAnyAllotmentDue(db, runId, now),
    batchAfter: (after) =>
      db.execute<Batch>(
        sql`select scanned, next_at, next_user
          from credits_distribute_batch(${runId}::uuid, ${instant(now)}, ${instant(clock())},
            ${batchSize}::integer, ${hours(catalog.allotmentGraceHours)}, ${after.at}::timestamptz, ${after.user})`,
      ),
  });
}

/**
 * Whether a run has work at `now`: the last one is unfinished or older than a day, or an allotment is
 * due. Users with a recorded failure don't count; the next daily run or an admin retries them.
 */
export async function needsDistribution(
  reader: Executor,
  { now }: { now: Date },
): Promise<boolean> {
  const [last] = await reader
    .select({ status: distributionRun.status, startedAt: distributionRun.startedAt })
    .from(distributionRun)
    .orderBy(desc(distributionRun.startedAt))
    .limit(1);
  if (last?.status === "running") return true;
  if (last !== undefined && last.startedAt < subHours(now, OVERDUE_AFTER_HOURS)) return true;
  return isAnyAllotmentDue(reader, null, now);
}

async function isAnyAllotmentDue(
  reader: Executor,
  runId: string | null,
  now: Date,
): Promise<boolean> {
  const [row] = await reader.execute<{ due: boolean }>(
    sql`select credits_is_anything_due(${runId}::uuid, ${instant(now)}) as due`,
  );
  return row?.due ?? false;
}

/** Finishes the run unless a concurrent call moved it to a later instant. */
async function finishRun(
  db: Database,
  runId: string,
  { asOf, at }: { asOf: Date; at: Date },
): Promise<void> {
  await db.execute(sql`select credits_prune_failures(${instant(asOf)})`);
  await db
    .update(distributionRun)
    .set({ status: "done", finishedAt: at, updatedAt: at })
    .where(
      and(
        eq(distributionRun.id, runId),
        isNull(distributionRun.finishedAt),
        // `asOf` has milliseconds; the column may have microseconds.
        sql`date_trunc('milliseconds', ${distributionRun.asOf}) <= ${instant(asOf)}`,
      ),
    );
}

async function readRun(db: Database, runId: string): Promise<DistributionRun> {
  const [run] = await db.select().from(distributionRun).where(eq(distributionRun.id, runId));
  if (run === undefined) throw new Error(`Distribution run ${runId} does not exist.`);
  return run;
}
