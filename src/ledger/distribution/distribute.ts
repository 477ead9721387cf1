import { and, eq, isNull, sql } from "drizzle-orm";
import { ALLOTMENT_GRACE_HOURS } from "@/catalog/catalog";
import type { Database, Executor } from "@/db/client";
import { now as clockNow } from "@/lib/clock";
import { hours, instant } from "../parameters";
import { CONCURRENCY, drainDue, type Remaining } from "./drain-due";
import { expireCredits } from "./expire";
import { distributionRun } from "./schema";
import type { Batch } from "./walk-due";

export type DistributionRun = typeof distributionRun.$inferSelect;

/** Above this share of failing users a run raises an alert. */
export const ALERT_ERROR_RATE = 0.05;

export const BATCH_SCHEDULES = 5_000;
/** How often a run comes back for accounts that were locked when it passed. */
const PASSES = 50;
/**
 * A run that accounts locked for hours keep open is closed, so that it is judged and those it failed
 * for are tried again. Less than the day after which the next one is called.
 */
const CLOSED_AFTER_HOURS = 20;

export interface DistributionTask {
  /** What is due by then is granted, and every booking is of that instant, or of a later run's joined. */
  readonly now: Date;
  /** When to stop, in milliseconds of `performance.now()`. */
  readonly deadlineMs: number;
  /** As `joinOrStartRun` answered it; left out: whichever it answers now. */
  readonly run?: DistributionRun;
  /** Tells when the work was done, which `now` need not be. */
  readonly clock?: () => Date;
  /** Due schedules and expired lots of one transaction. */
  readonly batchSize?: number;
  readonly lanes?: number;
}

/** A run as it stands when a call's part in it is over, and what the call left of it. */
export type Distributed = DistributionRun & { readonly left: Remaining };

/**
 * Books what has expired, then grants what is due by `now`, in batches of one transaction and one
 * round trip each. Works on `run`, or joins the unfinished run if there is one; any number of calls
 * can work side by side. Stops before `deadlineMs` with the run unfinished, and the next call goes on.
 * Locks the accounts of one batch at a time, passing over locked ones.
 */
export async function distributeCredits(
  db: Database,
  task: DistributionTask,
): Promise<Distributed> {
  const clock = task.clock ?? clockNow;
  let given = task.run;
  for (;;) {
    const { id, asOf } = given ?? (await joinOrStartRun(db, { now: task.now, at: clock() }));
    const left = await work(db, id, { ...task, now: asOf, clock });
    if (left !== "nothing") return { ...(await readRun(db, id)), left };
    await finishRun(db, id, { asOf, at: clock() });
    const run = await readRun(db, id);
    if (run.status !== "running") return { ...run, left };
    // Another call has joined meanwhile and moved it on: there is more to do.
    given = run;
  }
}

/** First what has expired, then the grants; accounts that are busy keep nobody else from theirs. */
async function work(
  db: Database,
  runId: string,
  task: DistributionTask & { readonly clock: () => Date },
): Promise<Remaining> {
  const { lanes = CONCURRENCY } = task;
  const shape = { ...task, runId, lanes, passes: PASSES };
  const { left: unexpired } = await expireCredits(db, shape);
  if (unexpired === "time is up") return unexpired;
  const ungranted = await grantDue(db, shape);
  return ungranted === "nothing" ? unexpired : ungranted;
}

/**
 * The unfinished run, brought up to `now`, or a new one, begun at `at`; one that began too long ago is
 * closed. Locks against others who ask until COMMIT.
 */
export async function joinOrStartRun(
  db: Executor,
  { now, at }: { now: Date; at: Date },
): Promise<DistributionRun> {
  return db.transaction(async (tx) => {
    // Two calls at the same moment must not start two runs.
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
    if (started === undefined) throw new Error("A distribution run could not be started.");
    return started;
  });
}

function grantDue(
  db: Database,
  {
    runId,
    now,
    deadlineMs,
    clock,
    lanes,
    passes,
    batchSize = BATCH_SCHEDULES,
  }: DistributionTask & { runId: string; clock: () => Date; lanes: number; passes: number },
): Promise<Remaining> {
  return drainDue({
    ...{ deadlineMs, batchSize, lanes, passes },
    isAnythingDue: () => isAnyAllotmentDue(db, runId, now),
    batchAfter: (after) =>
      db.execute<Batch>(
        sql`select scanned, next_at, next_user
          from credits_distribute_batch(${runId}::uuid, ${instant(now)}, ${instant(clock())},
            ${batchSize}::integer, ${hours(ALLOTMENT_GRACE_HOURS)}, ${after.at}::timestamptz, ${after.user})`,
      ),
  });
}

async function isAnyAllotmentDue(reader: Executor, runId: string, now: Date): Promise<boolean> {
  const [row] = await reader.execute<{ due: boolean }>(
    sql`select credits_is_anything_due(${runId}::uuid, ${instant(now)}) as due`,
  );
  return row?.due ?? false;
}

/** Finishes the run unless it is to go on to a later instant by now. */
async function finishRun(
  db: Database,
  runId: string,
  { asOf, at }: { asOf: Date; at: Date },
): Promise<void> {
  await db.execute(sql`select credits_forget_failures(${instant(asOf)})`);
  await db
    .update(distributionRun)
    .set({ status: "done", finishedAt: at, updatedAt: at })
    .where(
      and(
        eq(distributionRun.id, runId),
        isNull(distributionRun.finishedAt),
        // Instants of calls have milliseconds; whatever else wrote it may be finer.
        sql`date_trunc('milliseconds', ${distributionRun.asOf}) <= ${instant(asOf)}`,
      ),
    );
}

async function readRun(db: Database, runId: string): Promise<DistributionRun> {
  const [run] = await db.select().from(distributionRun).where(eq(distributionRun.id, runId));
  if (run === undefined) throw new Error(`Distribution run ${runId} is gone.`);
  return run;
}
