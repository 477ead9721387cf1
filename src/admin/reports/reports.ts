import { type SQL, sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import type { CreditType } from "@/ledger/grant";
import { changeOf, type Flows, flowsOf, type TypeSum } from "@/ledger/reports/flows";
import {
  dayName,
  monthName,
  monthStart,
  type Period,
  type ReportPeriod,
  wholeMonths,
} from "@/lib/utc-period";

export interface TypeTotal extends TypeSum {
  readonly transactions: number;
}

/**
 * What moved all balances with effect on the days of a period, by type, true at `at`: an expiry counts
 * on the day it happened, whether or not a job has booked it yet. Reads the ledger's daily sums and
 * only its last hours.
 */
export async function sumByType(
  reader: Executor,
  { period: { from, to }, at }: { period: Period; at: Date },
): Promise<TypeTotal[]> {
  const rows = await reader.execute<TotalRow>(sql`
    select type, ${SUMS} from credits_day_totals(${dayOf(from)}, ${dayOf(to)}, ${at.toISOString()})
    group by type order by type`);
  return rows.map(toTotal);
}

export interface MonthReport {
  /** `2026-03`, in UTC. */
  readonly month: string;
  readonly totals: readonly TypeTotal[];
  readonly flows: Flows;
  /** What all users held at the month's end, or at `at` if that is earlier: remaining + held − debt. */
  readonly outstanding: number;
}

/**
 * The books of the whole site month by month, newest first, in one read. What is outstanding is the
 * sum of all there ever was, so it is the ledger's own, not a count of the accounts.
 */
export async function readMonths(
  reader: Executor,
  { at, months }: ReportPeriod,
): Promise<MonthReport[]> {
  const { from, to } = wholeMonths({ at, months });
  const rows = await reader.execute<TotalRow & { month: string | null }>(sql`
    select case when day >= ${dayOf(from)} then to_char(day, 'YYYY-MM') end as month, type, ${SUMS}
    from credits_day_totals('-infinity', ${dayOf(to)}, ${at.toISOString()})
    group by 1, 2 order by 1, 2`);
  const totalsOf = (month: string | null) => rows.filter((row) => row.month === month).map(toTotal);
  let outstanding = changeOf(flowsOf(totalsOf(null)));
  const reports = Array.from({ length: months }, (_, nth) => {
    const month = monthName(monthStart(at, nth + 1 - months));
    const totals = totalsOf(month);
    const flows = flowsOf(totals);
    outstanding += changeOf(flows);
    return { month, totals, flows, outstanding };
  });
  return reports.toReversed();
}

const SUMS = sql`sum(transactions) as transactions, sum(credits_in) as credits_in, sum(credits_out) as credits_out`;

interface TotalRow extends Record<string, unknown> {
  readonly type: CreditType;
  readonly transactions: string;
  readonly credits_in: string;
  readonly credits_out: string;
}

function toTotal({ type, transactions, credits_in, credits_out }: TotalRow): TypeTotal {
  return {
    ...{ type, transactions: Number(transactions) },
    ...{ creditsIn: Number(credits_in), creditsOut: Number(credits_out) },
  };
}

function dayOf(at: Date): SQL {
  return sql`${dayName(at)}::date`;
}
