import { and, eq, getTableColumns, sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { countUpTo } from "@/db/count-some";
import { distributionRun } from "@/ledger/distribution/schema";
import type { RunsFilter } from "../input";
import { keysetPage, type Page, toPage } from "../lists/keyset";

export type Run = typeof distributionRun.$inferSelect;

/** One page of the distribution's runs, newest first unless asked otherwise. There is about one a day. */
export async function listRuns(
  reader: Executor,
  filter: RunsFilter,
): Promise<Page<Run & { readonly cursorAt: string }>> {
  const order = { at: distributionRun.startedAt, id: distributionRun.id, ids: "asc" } as const;
  const { cursorAt, beyond, orderBy, limit } = keysetPage(order, filter);
  const rows = await reader
    .select({ ...getTableColumns(distributionRun), cursorAt })
    .from(distributionRun)
    .where(
      and(beyond, filter.status === "any" ? undefined : eq(distributionRun.status, filter.status)),
    )
    .orderBy(...orderBy)
    .limit(limit);
  return toPage(rows, filter);
}

/** More than so many are not counted: the page asks again every other second. */
const MOST_LEFT_COUNTED = 100_000;

export interface RunProgress {
  readonly run: Run;
  /** Schedules still due as of the run, without those it failed for; `MOST_LEFT_COUNTED` at most. */
  readonly schedulesLeft: number;
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

/** A run, and while it is under way how much is left to it; null if there is none with this id. */
export async function readRunProgress(reader: Executor, id: string): Promise<RunProgress | null> {
  const [run] = await reader.select().from(distributionRun).where(eq(distributionRun.id, id));
  if (run === undefined) return null;
  return { run, schedulesLeft: run.status === "running" ? await countLeft(reader, run) : 0 };
}

async function countLeft(reader: Executor, run: Run): Promise<number> {
  const due = sql`credits_due_schedules(${run.id}::uuid, ${run.asOf.toISOString()}::timestamptz)`;
  const [row] = await reader.execute<{ count: number }>(
    sql`select ${countUpTo(MOST_LEFT_COUNTED, due)} as count`,
  );
  return row?.count ?? 0;
}
