import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Reader } from "@/db/client";
import { monthStart } from "./reports";

/** The months that a report covers: the one of `at` and those before it, `months` in all. */
export interface ReportPeriod {
  readonly at: Date;
  readonly months: number;
}

const figure = z.coerce.number();

const soldRow = z.object({
  /** `2026-03`, in UTC. */
  month: z.string(),
  /** Plan or pack, as the catalogue names it. */
  item: z.string(),
  currency: z.string(),
  payments: figure,
  amountCents: figure,
  /** Of these payments, whenever it was refunded. */
  refundedCents: figure,
});
export type Sold = z.output<typeof soldRow>;

/** What was paid for each plan and pack, month by month, newest first; a currency each. */
export async function readSales(reader: Reader, period: ReportPeriod): Promise<Sold[]> {
  const rows = await reader.execute(sql`
    select to_char(paid_at at time zone 'UTC', 'YYYY-MM') as month, item, currency,
      count(*) as payments, sum(amount_cents) as "amountCents", sum(refunded_cents) as "refundedCents"
    from payment
    where paid_at >= ${firstOf(period)}::timestamptz and paid_at < ${endOf(period)}::timestamptz
    group by 1, 2, 3 order by 1 desc, 2, 3`);
  return z.array(soldRow).parse([...rows]);
}

const memberRow = z.object({ month: z.string(), members: figure, newMembers: figure });
export type MonthMembers = z.output<typeof memberRow>;

/**
 * Paid members month by month, newest first: whoever some payment made a member at any moment of the
 * month, and those of them who never were before it.
 */
export async function readMembers(reader: Reader, period: ReportPeriod): Promise<MonthMembers[]> {
  const rows = await reader.execute(sql`
    with months as (
      select m as from_at, m + interval '1 month' as to_at
      from generate_series(${firstOf(period)}::timestamptz at time zone 'UTC',
        (${endOf(period)}::timestamptz at time zone 'UTC') - interval '1 month', interval '1 month') m
    ), membership as (
      select user_id, member_from_at at time zone 'UTC' as from_at,
        member_until_at at time zone 'UTC' as until_at,
        min(member_from_at at time zone 'UTC') over (partition by user_id) as first_at
      from payment where member_until_at is not null and member_from_at < member_until_at
    )
    select to_char(months.from_at, 'YYYY-MM') as month,
      count(distinct p.user_id) as members,
      count(distinct p.user_id) filter (where p.first_at >= months.from_at) as "newMembers"
    from months left join membership p on p.from_at < months.to_at and p.until_at > months.from_at
    group by months.from_at order by months.from_at desc`);
  return z.array(memberRow).parse([...rows]);
}

function firstOf({ at, months }: ReportPeriod): string {
  return monthStart(at, 1 - months).toISOString();
}

function endOf({ at }: ReportPeriod): string {
  return monthStart(at, 1).toISOString();
}

/**
 * The share of what was granted that expired unused, 0 to 1; null where nothing was granted. By when
 * each took effect: what expires in a month was mostly granted in an earlier one.
 */
export function breakageOf({ granted, expired }: { granted: number; expired: number }) {
  return granted === 0 ? null : expired / granted;
}
