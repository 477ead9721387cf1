import { and, eq, getTableColumns, isNotNull, isNull, lte, ne, or, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { creditSchedule, distributionRun } from "@/db/schema";
import { keysetPage, type Page, type PageTurn, toPage } from "./keyset";

export type Run = typeof distributionRun.$inferSelect;

/** One page of the distribution's runs, newest first. */
export async function listRuns(
  reader: Reader,
  turn: PageTurn,
): Promise<Page<Run & { readonly cursorAt: string }>> {
  const order = { at: distributionRun.startedAt, id: distributionRun.id, ids: "asc" } as const;
  const { cursorAt, beyond, orderBy, limit } = keysetPage(order, turn);
  const rows = await reader
    .select({ ...getTableColumns(distributionRun), cursorAt })
    .from(distributionRun)
    .where(beyond)
    .orderBy(...orderBy)
    .limit(limit);
  return toPage(rows, turn);
}

export interface RunProgress {
  readonly run: Run;
  /** Schedules that are still due as of the run, without those that failed in it. */
  readonly schedulesLeft: number;
}

/** The latest run; null before the first one. */
export async function readLatestRun(reader: Reader): Promise<Run | null> {
  const [run] = await reader
    .select()
    .from(distributionRun)
    .orderBy(sql`${distributionRun.startedAt} desc nulls last`)
    .limit(1);
  return run ?? null;
}

/** A run, and while it is under way how much is left to it; null if there is none with this id. */
export async function readRunProgress(reader: Reader, id: string): Promise<RunProgress | null> {
  const [run] = await reader.select().from(distributionRun).where(eq(distributionRun.id, id));
  if (run === undefined) return null;
  const schedulesLeft =
    run.status === "running"
      ? await reader.$count(
          creditSchedule,
          and(
            isNotNull(creditSchedule.nextDueAt),
            lte(creditSchedule.nextDueAt, run.asOf),
            or(isNull(creditSchedule.failedRunId), ne(creditSchedule.failedRunId, run.id)),
          ),
        )
      : 0;
  return { run, schedulesLeft };
}
