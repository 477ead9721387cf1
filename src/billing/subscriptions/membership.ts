import { desc, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Database, Executor } from "@/db/client";
import { memberMonth } from "@/db/schema/jobs";
import { monthName, type ReportPeriod, wholeMonths } from "@/lib/utc-period";

/** The end of a lifetime membership. A date instead of Postgres' `infinity`, which JavaScript lacks. */
export const FOREVER = new Date("9999-12-31T00:00:00Z");

const memberRow = z.object({
  /** `2026-03`, in UTC. */
  month: z.string(),
  /** Users whom a payment made a member at any time of the month. */
  members: z.coerce.number(),
  /** Those who were never a member before. */
  newMembers: z.coerce.number(),
});
export type MonthMembers = z.output<typeof memberRow>;

/** The longest report. */
const MAX_MONTHS = 36;
/** With fewer payments, a live count takes milliseconds. */
const LIVE_COUNT_MAX_PAYMENTS = 20_000;

/** Counts paid members per month from the payments, newest month first. */
export async function readMembers(reader: Executor, period: ReportPeriod): Promise<MonthMembers[]> {
  return z.array(memberRow).parse([...(await reader.execute(countQuery(period)))]);
}

export interface CountedMembers {
  readonly months: readonly MonthMembers[];
  readonly countedAt: Date;
}

/**
 * Paid members per month, newest first. Counts live while Postgres estimates few payments; otherwise
 * returns what `countMembers` stored last, without the months that have begun since.
 */
export async function latestMembers(
  reader: Executor,
  period: ReportPeriod,
): Promise<CountedMembers> {
  const [estimate] = await reader.execute<{ payments: number }>(
    sql`select reltuples::float8 as payments from pg_class where oid = 'payment'::regclass`,
  );
  if ((estimate?.payments ?? 0) > LIVE_COUNT_MAX_PAYMENTS) {
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

/** Counts and stores the paid members of every month that a report can show. Locks no payments. */
export async function countMembers(db: Database, now: Date): Promise<void> {
  const months = await readMembers(db, { at: now, months: MAX_MONTHS });
  await db.transaction(async (tx) => {
    await tx.delete(memberMonth);
    await tx
      .insert(memberMonth)
      .values(
        months.map(({ month, ...row }) => ({ ...row, month: `${month}-01`, countedAt: now })),
      );
  });
}

/** Expands each payment to the months it covers, so the cost grows with payments, not with months. */
function countQuery(period: ReportPeriod): SQL {
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
