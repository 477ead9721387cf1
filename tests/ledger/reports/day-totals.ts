import { setTimeout as sleep } from "node:timers/promises";
import { millisecondsInHour } from "date-fns/constants";
import type postgres from "postgres";
import type { Database } from "@/db/client";
import { rollUp } from "@/ledger/reports/roll-up";

/** The totals of one day and type, as text because they can exceed safe integers. */
export interface DayTotal {
  readonly day: string;
  readonly type: string;
  readonly transactions: string;
  readonly credits_in: string;
  readonly credits_out: string;
}

/** Reads the totals of all time, as the reports do. */
export async function readDayTotals(sql: postgres.Sql, at: Date): Promise<DayTotal[]> {
  const rows = await sql<DayTotal[]>`
    select day::text, type::text, transactions::text, credits_in::text, credits_out::text
    from credits_day_totals('-infinity', 'infinity', ${at})`;
  return [...rows];
}

/** Computes the same totals from the ledger's rows after booking all expiries, in a transaction that rolls back. */
export async function sumSweptLedger(sql: postgres.Sql, at: Date): Promise<DayTotal[]> {
  const rollback = new Error("rollback");
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
      throw rollback;
    })
    .catch((error: unknown) => {
      if (error !== rollback) throw error;
    });
  return rows;
}

/** How far the ledger is summed, in milliseconds; null before the first roll-up. */
export async function readRolledTo(sql: postgres.Sql): Promise<number | null> {
  const [row] = await sql<{ ms: number | null }[]>`
    select extract(epoch from nullif(rolled_to, '-infinity'))::float8 * 1000 as ms from credit_roll_up`;
  return row?.ms ?? null;
}

/**
 * Rolls up to an hour before `now`. The first call chooses the target and a later one reaches it, when
 * every transaction of the cluster that was open has ended, including those of other tests.
 */
export async function rollUpTo(db: Database, sql: postgres.Sql, now: Date): Promise<void> {
  for (;;) {
    await rollUp(db, { now, deadlineMs: Number.POSITIVE_INFINITY });
    if (((await readRolledTo(sql)) ?? 0) >= now.getTime() - millisecondsInHour) return;
    await sleep(5);
  }
}
