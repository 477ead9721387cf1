import { desc, sql } from "drizzle-orm";
import { z } from "zod";
import type { Database, Executor } from "@/db/client";
import { monthName, type ReportPeriod, wholeMonths } from "@/lib/utc-period";
import { instant } from "../call-ledger";
import { lotMonth } from "./schema";

/** The credits of the lots that were granted in a month, and how many of them have expired unused. */
export interface MonthLots {
  /** `2026-03`, in UTC. */
  readonly month: string;
  readonly granted: number;
  readonly expired: number;
}

/** The longest report. */
const MAX_MONTHS = 36;
/** With fewer lots, a live count takes milliseconds. */
const LIVE_COUNT_MAX_LOTS = 20_000;

/**
 * Lots by the month of their grant, newest first. Counts live while Postgres estimates few lots; otherwise
 * returns what `countLots` stored last, without the months that have begun since.
 */
export async function latestLots(reader: Executor, period: ReportPeriod): Promise<MonthLots[]> {
  const [estimate] = await reader.execute<{ lots: number }>(
    sql`select reltuples::float8 as lots from pg_class where oid = 'credit_lot'::regclass`,
  );
  if ((estimate?.lots ?? 0) <= LIVE_COUNT_MAX_LOTS) return readLots(reader, period);
  const counted = await reader.select().from(lotMonth).orderBy(desc(lotMonth.month));
  if (counted.length === 0) return readLots(reader, period);
  const from = monthName(wholeMonths(period).from);
  return counted
    .map(({ month, granted, expired }) => ({ month: month.slice(0, 7), granted, expired }))
    .filter(({ month }) => month >= from);
}

/** Counts and stores the lots of every month that a report can show. Reads every lot, locks none. */
export async function countLots(db: Database, now: Date): Promise<void> {
  const months = await readLots(db, { at: now, months: MAX_MONTHS });
  await db.transaction(async (tx) => {
    await tx.delete(lotMonth);
    if (months.length === 0) return;
    await tx
      .insert(lotMonth)
      .values(months.map(({ month, ...of }) => ({ ...of, month: `${month}-01`, countedAt: now })));
  });
}

/** The share of a month's lots that expired unused, 0 to 1; null if nothing was granted. */
export function breakageOf({ granted, expired }: Omit<MonthLots, "month">): number | null {
  return granted === 0 ? null : expired / granted;
}

const count = z.coerce.number();
const rows = z.array(z.object({ month: z.string(), granted: count, expired: count }));

/** An expiry that is not booked yet counts too. */
async function readLots(reader: Executor, period: ReportPeriod): Promise<MonthLots[]> {
  const { from } = wholeMonths(period);
  const at = instant(period.at);
  const found = await reader.execute(sql`
    select to_char(l.granted_at at time zone 'UTC', 'YYYY-MM') as month, sum(l.amount) as granted,
      sum(coalesce(booked.expired, 0)
        + case when l.is_open and l.expires_at <= ${at} then l.remaining else 0 end) as expired
    from credit_lot l
    left join (
      select user_id, lot_seq, -sum(amount) as expired from credit_transaction
      where lot_seq is not null and effective_at <= ${at}
      group by user_id, lot_seq
    ) booked on booked.user_id = l.user_id and booked.lot_seq = l.seq
    where l.granted_at >= ${instant(from)} and l.granted_at <= ${at}
    group by 1 order by 1 desc`);
  return rows.parse([...found]);
}
