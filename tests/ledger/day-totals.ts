import { setTimeout as sleep } from "node:timers/promises";
import type postgres from "postgres";
import type { Database } from "@/db/client";
import { rollUp } from "@/ledger/reports/roll-up";

const HOUR_MS = 3_600_000;

/** One day and type of the ledger, as text: figures are exact whatever their size. */
export interface DayTotal {
  readonly day: string;
  readonly type: string;
  readonly transactions: string;
  readonly credits_in: string;
  readonly credits_out: string;
}

/** What the reports read, for all time. */
export async function readDayTotals(sql: postgres.Sql, at: Date): Promise<DayTotal[]> {
  const rows = await sql<DayTotal[]>`
    select day::text, type::text, transactions::text, credits_in::text, credits_out::text
    from credits_day_totals('-infinity', 'infinity', ${at})`;
  return [...rows];
}

/**
 * The same from the ledger's rows alone, once everything that time has done by `at` is booked. The
 * booking is taken back afterwards.
 */
export async function sumLedgerOnceSwept(sql: postgres.Sql, at: Date): Promise<DayTotal[]> {
  const undo = new Error("undo");
  let rows: DayTotal[] = [];
  await sql
    .begin(async (tx) => {
      await tx`select credits_expire_batch(null, ${at}, ${at}, 100000, '-infinity', '')`;
      rows = [
        ...(await tx<DayTotal[]>`
          select to_char(effective_at at time zone 'UTC', 'YYYY-MM-DD') as day, type::text,
            count(*)::text as transactions,
            coalesce(sum(amount) filter (where amount > 0), 0)::text as credits_in,
            coalesce(sum(amount) filter (where amount < 0), 0)::text as credits_out
          from credit_transaction
          group by 1, credit_transaction.type order by 1, credit_transaction.type`),
      ];
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error;
    });
  return rows;
}

/** How far the ledger is summed; null before it is. In milliseconds, as Postgres has infinities. */
export async function readRolledTo(sql: postgres.Sql): Promise<number | null> {
  const [row] = await sql<{ ms: number | null }[]>`
    select extract(epoch from nullif(rolled_to, '-infinity'))::float8 * 1000 as ms from credit_roll_up`;
  return row?.ms ?? null;
}

/**
 * Sums up to an hour before `now`. It takes a call to say where to and one to go there, and the latter
 * waits for every transaction of the cluster, those of other tests too.
 */
export async function rollUpTo(db: Database, sql: postgres.Sql, now: Date): Promise<void> {
  for (;;) {
    await rollUp(db, { now, deadlineMs: Number.POSITIVE_INFINITY });
    if (((await readRolledTo(sql)) ?? 0) >= now.getTime() - HOUR_MS) return;
    await sleep(5);
  }
}
