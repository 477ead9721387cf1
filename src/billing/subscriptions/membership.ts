import { desc, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Database, Executor } from "@/db/client";
import { memberMonth } from "@/db/schema/jobs";
import { monthName, type ReportPeriod, wholeMonths } from "@/lib/utc-period";

const memberRow = z.object({
  /** `2026-03`, in UTC. */
  month: z.string(),
  /** Whoever some payment made a member at any moment of the month. */
  members: z.coerce.number(),
  /** Those of them who never were before it. */
  newMembers: z.coerce.number(),
});
export type MonthMembers = z.output<typeof memberRow>;

/** The longest report. */
const MOST_MONTHS = 36;
/** Up to about so many payments a count takes some milliseconds and is made whenever it is asked for. */
const ALWAYS_COUNTED_PAYMENTS = 20_000;

/** Paid members month by month, newest first, from the payments. */
export async function readMembers(reader: Executor, period: ReportPeriod): Promise<MonthMembers[]> {
  return z.array(memberRow).parse([...(await reader.execute(countOf(period)))]);
}

export interface CountedMembers {
  readonly months: readonly MonthMembers[];
  readonly countedAt: Date;
}

/**
 * Paid members month by month, newest first: true at `at` while the payments are few, else as last
 * counted by `countMembers`, without the months that have begun since. Postgres' estimate tells how
 * many payments there are.
 */
export async function latestMembers(
  reader: Executor,
  period: ReportPeriod,
): Promise<CountedMembers> {
  const [estimate] = await reader.execute<{ payments: number }>(
    sql`select reltuples::float8 as payments from pg_class where oid = 'payment'::regclass`,
  );
  if ((estimate?.payments ?? 0) > ALWAYS_COUNTED_PAYMENTS) {
    const counted = await reader.select().from(memberMonth).orderBy(desc(memberMonth.month));
    const [newest] = counted;
    const from = monthName(wholeMonths(period).from);
    if (newest !== undefined) {
      const months = counted.map(({ month, members, newMembers }) => {
        return { month: month.slice(0, 7), members, newMembers };
      });
      return {
        countedAt: newest.countedAt,
        months: months.filter(({ month }) => month >= from),
      };
    }
  }
  return { months: await readMembers(reader, period), countedAt: period.at };
}

/** Counts the paid members of all months that a report can show and keeps that. Locks nobody's payments. */
export async function countMembers(db: Database, now: Date): Promise<void> {
  const months = await readMembers(db, { at: now, months: MOST_MONTHS });
  await db.transaction(async (tx) => {
    await tx.delete(memberMonth);
    await tx
      .insert(memberMonth)
      .values(
        months.map(({ month, ...row }) => ({ ...row, month: `${month}-01`, countedAt: now })),
      );
  });
}

/**
 * Each payment is spread over the months that it covers, and a user counts once in each; so the cost
 * is that of the payments, not of payments times months.
 */
function countOf(period: ReportPeriod): SQL {
  const { from, to } = wholeMonths(period);
  const fromAt = sql`${from.toISOString()}::timestamptz at time zone 'UTC'`;
  const toAt = sql`${to.toISOString()}::timestamptz at time zone 'UTC'`;
  return sql`
    with membership as materialized (
      select user_id, member_from_at at time zone 'UTC' as from_at,
        member_until_at at time zone 'UTC' as until_at
      from payment where member_until_at is not null and member_from_at < member_until_at
    ), covered as (
      select distinct user_id, month
      from membership cross join lateral generate_series(
        greatest(date_trunc('month', from_at), ${fromAt}),
        least(until_at, ${toAt}) - interval '1 microsecond', interval '1 month') month
    ), total as (
      select month, count(*) as members from covered group by month
    ), first as (
      select date_trunc('month', first_at) as month, count(*) as members
      from (select min(from_at) as first_at from membership group by user_id) firsts group by 1
    )
    select to_char(month, 'YYYY-MM') as month, coalesce(total.members, 0) as members,
      coalesce(first.members, 0) as "newMembers"
    from generate_series(${fromAt}, ${toAt} - interval '1 month', interval '1 month') month
    left join total using (month) left join first using (month)
    order by month desc`;
}
