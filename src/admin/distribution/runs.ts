import { and, eq, getTableColumns, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Database, Executor } from "@/db/client";
import { countUpTo } from "@/db/count-some";
import { type DistributionRun, joinOrStartRun } from "@/ledger/distribution/distribute";
import { distributionRun, RUN_HAS_EFFECT, runStatus } from "@/ledger/distribution/schema";
import { type Audited, type auditedInput, completeAudit, findAudit, recordAudit } from "../audit";
import { keysetPage, type Page, toPage } from "../lists/keyset";
import { cursor, uuidPageFields } from "../lists/query-fields";
import { listFailures } from "./failures";

export type Run = typeof distributionRun.$inferSelect;

/** The page has two lists: the runs and, with separate cursors, the users for whom a run failed. */
export const runsQuery = z.object({
  /** `effect`: without the runs that found nothing to do. */
  status: z.enum(["effect", "all", ...runStatus.enumValues]).catch("effect"),
  ...uuidPageFields,
  failingOlder: cursor,
  failingNewer: cursor,
});
export type RunsQuery = z.output<typeof runsQuery>;
export type RunsFilter = Omit<RunsQuery, "failingOlder" | "failingNewer">;

/** One page of runs, the latest run and one page of failures. */
export async function readRunsPage(
  reader: Executor,
  { failingOlder, failingNewer, ...filter }: RunsQuery,
) {
  const [page, latest, failing] = await Promise.all([
    listRuns(reader, filter),
    readLatestRun(reader),
    listFailures(reader, { older: failingOlder, newer: failingNewer }),
  ]);
  return { page, latest, failing };
}

/** One page of distribution runs. */
export async function listRuns(
  reader: Executor,
  filter: RunsFilter,
): Promise<Page<Run & { readonly cursorAt: string }>> {
  const order = { at: distributionRun.startedAt, id: distributionRun.id, ids: "asc" } as const;
  const { cursorAt, pastCursor, orderBy, limit } = keysetPage(order, filter);
  const rows = await reader
    .select({ ...getTableColumns(distributionRun), cursorAt })
    .from(distributionRun)
    .where(and(pastCursor, statusCondition(filter.status)))
    .orderBy(...orderBy)
    .limit(limit);
  return toPage(rows, filter);
}

function statusCondition(status: RunsFilter["status"]): SQL | undefined {
  if (status === "all") return undefined;
  return status === "effect" ? RUN_HAS_EFFECT : eq(distributionRun.status, status);
}

/** The latest run; null before the first one. */
export async function readLatestRun(reader: Executor): Promise<Run | null> {
  const [run] = await reader
    .select()
    .from(distributionRun)
    .orderBy(sql`${distributionRun.startedAt} desc nulls last`)
    .limit(1);
  return run ?? null;
}

/** Upper bound of the count, because the page polls it. */
const MOST_SCHEDULES_COUNTED = 100_000;

export interface RunProgress {
  readonly run: Run;
  /** Schedules still due as of the run, without failed ones; at most `MOST_SCHEDULES_COUNTED`. */
  readonly schedulesLeft: number;
}

/** A run and, while it is running, the number of schedules still due; null for an unknown id. */
export async function readRunProgress(reader: Executor, id: string): Promise<RunProgress | null> {
  const [run] = await reader.select().from(distributionRun).where(eq(distributionRun.id, id));
  if (run === undefined) return null;
  return { run, schedulesLeft: run.status === "running" ? await countDue(reader, run) : 0 };
}

async function countDue(reader: Executor, run: Run): Promise<number> {
  const due = sql`credits_due_schedules(${run.id}::uuid, ${run.asOf.toISOString()}::timestamptz)`;
  const [row] = await reader.execute<{ count: number }>(
    sql`select ${countUpTo(MOST_SCHEDULES_COUNTED, due)} as count`,
  );
  return row?.count ?? 0;
}

/**
 * Starts a distribution, or joins the running one, and audits it. Returns the run for the caller to
 * work on, or only its id if the same form (`id`) was sent before.
 * @throws IdempotencyConflict
 */
export async function startDistribution(
  db: Database,
  { id, actorId, now }: Audited<typeof auditedInput>,
): Promise<{ runId: string; run: DistributionRun | null }> {
  return db.transaction(async (tx) => {
    const isNew = await recordAudit(tx, { id, actorId, action: "distribution.start", now });
    if (!isNew) {
      const first = await findAudit(tx, id);
      return { runId: startedRun.parse(first?.after).runId, run: null };
    }
    const run = await joinOrStartRun(tx, { now, at: now });
    await completeAudit(tx, { id, after: { runId: run.id } });
    return { runId: run.id, run };
  });
}

const startedRun = z.object({ runId: z.string() });

/** Adds the run's state at the end of the caller's work to the audit entry. */
export async function auditDistribution(
  db: Database,
  { id, run }: { id: string; run: DistributionRun },
): Promise<void> {
  const { status, usersCount, errorCount, grantedCredits, expiredCredits } = run;
  const after = { status, usersCount, errorCount, grantedCredits, expiredCredits };
  await completeAudit(db, { id, after });
}
