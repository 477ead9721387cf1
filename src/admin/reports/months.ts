import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { latestMembers } from "@/billing/subscriptions/membership";
import type { Database, Executor } from "@/db/client";
import type { CreditType } from "@/ledger/grant";
import { latestLots } from "@/ledger/reports/breakage";
import { changeOf, type Flows, flowsOf, type TypeSum } from "@/ledger/reports/flows";
import { latestOutstanding, outstandingByMonth } from "@/ledger/reports/outstanding";
import {
  dayName,
  monthName,
  monthStart,
  type Period,
  type ReportPeriod,
  wholeMonths,
} from "@/lib/utc-period";
import { readSales } from "./sales";

/** Numbers of months that a report can cover. */
export const REPORT_MONTHS = ["6", "12", "24", "36"] as const;
export const reportsQuery = z.object({ months: z.enum(REPORT_MONTHS).catch("12") });

/** Everything that the reports page shows. */
export async function readReportsPage(db: Database, period: ReportPeriod) {
  const [months, sales, members, lots, outstanding, earlier] = await Promise.all([
    readMonths(db, period),
    readSales(db, period),
    latestMembers(db, period),
    latestLots(db, period),
    latestOutstanding(db, period.at),
    outstandingByMonth(db, wholeMonths(period).from),
  ]);
  return { months, sales, members, lots, outstanding, earlier };
}

export interface TypeTotal extends TypeSum {
  readonly transactions: number;
}

export interface MonthReport {
  /** `2026-03`, in UTC. */
  readonly month: string;
  readonly totals: readonly TypeTotal[];
  readonly flows: Flows;
  /** Remaining + held − debt of all users at the month's end, or at `at` if that is earlier. */
  readonly outstanding: number;
}

/**
 * The books of the whole site by month, newest first. Outstanding credits are the sum of all
 * transactions since the beginning, not a count of the accounts.
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

/**
 * The totals by type for the days of a period, as of `at`. An expiry counts on the day it takes effect,
 * whether or not a job has booked it. Reads the daily totals and the last hours of the ledger.
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

const SUMS = sql`sum(transactions) as transactions, sum(credits_in) as credits_in, sum(credits_out) as credits_out`;

interface TotalRow extends Record<string, unknown> {
  readonly type: CreditType;
  readonly transactions: string;
  readonly credits_in: string;
  readonly credits_out: string;
}

function toTotal({ type, transactions, credits_in, credits_out }: TotalRow): TypeTotal {
  return {
    type,
    transactions: Number(transactions),
    creditsIn: Number(credits_in),
    creditsOut: Number(credits_out),
  };
}

function dayOf(at: Date): SQL {
  return sql`${dayName(at)}::date`;
}
