import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import type { Database, Reader } from "@/db/client";
import { distributionRun } from "@/db/schema/jobs";
import { ALLOTMENT_GRACE_HOURS } from "./catalog";
import { expireCredits } from "./expire";
import { hours, instant } from "./parameters";
import { type Batch, type Cursor, walkDue } from "./walk-due";

export type DistributionRun = typeof distributionRun.$inferSelect;

/** Above this share of failing users a run raises an alert. */
export const ALERT_ERROR_RATE = 0.05;

const BATCH_SCHEDULES = 5_000;
/**
 * Batches under way at a time: while one waits for the disk the other computes. On two cores a second
 * one brought 1.45 times the rate, a third one nothing more (dev/bench/distribute.ts).
 */
const LANES = 2;
/** How often a run comes back for accounts that were locked when it passed. */
const PASSES = 50;
const PAUSE_MS = 100;

export interface DistributionTask {
  readonly now: Date;
  /** When to stop, in milliseconds of `performance.now()`. */
  readonly deadlineMs: number;
  /** As `joinOrStartRun` answered it; left out: whichever it answers now. */
  readonly run?: DistributionRun;
}

/**
 * Books what has expired, then grants what is due by `now`, in batches of one transaction and one
 * round trip each. Works on `run`, or joins the unfinished run if there is one; any number of calls
 * can work side by side. Stops before `deadlineMs` with the run unfinished, and the next call goes on.
 * Locks the accounts of one batch at a time, passing over locked ones.
 */
export async function distributeCredits(
  db: Database,
  { now, deadlineMs, run: given }: DistributionTask,
): Promise<DistributionRun> {
  const run = given ?? (await joinOrStartRun(db, now));
  const asOf = run.asOf;
  const expired = await expireCredits(db, { runId: run.id, now: asOf, deadlineMs });
  const granted = expired && (await grantDue(db, { runId: run.id, now: asOf, deadlineMs }));
  return granted ? finishRun(db, run.id, now) : readRun(db, run.id);
}

/** What a run at `now` would grant and expire. Writes nothing. */
export async function previewDistribution(reader: Reader, now: Date) {
  const [row] = await reader.execute(
    sql`select users, allotments, credits, expiring_users, expiring_lots, expiring_credits
        from credits_distribution_preview(${instant(now)})`,
  );
  const figure = z.coerce.number();
  return z
    .object({
      users: figure,
      allotments: figure,
      credits: figure,
      expiring_users: figure,
      expiring_lots: figure,
      expiring_credits: figure,
    })
    .transform((preview) => ({
      usersCount: preview.users,
      allotmentCount: preview.allotments,
      creditsToGrant: preview.credits,
      expiringUsersCount: preview.expiring_users,
      expiringLotCount: preview.expiring_lots,
      creditsToExpire: preview.expiring_credits,
    }))
    .parse(row);
}

/** The unfinished run, brought up to `now`, or a new one. Locks against others who ask until COMMIT. */
export async function joinOrStartRun(db: Reader, now: Date): Promise<DistributionRun> {
  return db.transaction(async (tx) => {
    // Two calls at the same moment must not start two runs.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtext('distribution_run'))`);
    const [running] = await tx
      .update(distributionRun)
      .set({ asOf: sql`greatest(${distributionRun.asOf}, ${instant(now)})` })
      .where(eq(distributionRun.status, "running"))
      .returning();
    if (running !== undefined) return running;
    const [started] = await tx
      .insert(distributionRun)
      .values({ asOf: now, startedAt: now, updatedAt: now })
      .returning();
    if (started === undefined) throw new Error("A distribution run could not be started.");
    return started;
  });
}

/** True when nothing is due any more, false when the time was up first. */
async function grantDue(
  db: Database,
  { runId, now, deadlineMs }: { runId: string; now: Date; deadlineMs: number },
): Promise<boolean> {
  const grantBatch = (after: Cursor) =>
    db.execute<Batch>(
      sql`select scanned, next_at, next_user
        from credits_distribute_batch(${runId}::uuid, ${instant(now)}, ${BATCH_SCHEDULES}::integer,
          ${hours(ALLOTMENT_GRACE_HOURS)}, ${after.at}::timestamptz, ${after.user})`,
    );
  for (let pass = 0; pass < PASSES; pass++) {
    const lanes = Array.from({ length: LANES }, () =>
      walkDue(deadlineMs, BATCH_SCHEDULES, grantBatch),
    );
    if ((await Promise.all(lanes)).includes("time is up")) return false;
    if (!(await anythingDue(db, runId, now))) return true;
    // Whoever is left is locked, by a write of their own or by another worker.
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return false;
}

async function anythingDue(reader: Reader, runId: string, now: Date): Promise<boolean> {
  const [row] = await reader.execute<{ due: boolean }>(
    sql`select exists (select from credit_schedule
      where next_due_at is not null and next_due_at <= ${instant(now)}
        and failed_run_id is distinct from ${runId}::uuid) as due`,
  );
  return row?.due ?? false;
}

async function finishRun(db: Database, runId: string, now: Date): Promise<DistributionRun> {
  await db
    .update(distributionRun)
    .set({ status: "done", finishedAt: now, updatedAt: now })
    .where(and(eq(distributionRun.id, runId), isNull(distributionRun.finishedAt)));
  return readRun(db, runId);
}

async function readRun(db: Database, runId: string): Promise<DistributionRun> {
  const [run] = await db.select().from(distributionRun).where(eq(distributionRun.id, runId));
  if (run === undefined) throw new Error(`Distribution run ${runId} is gone.`);
  return run;
}
