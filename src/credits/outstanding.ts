import { desc, sql } from "drizzle-orm";
import type { Database, Reader } from "@/db/client";
import { outstandingCount } from "@/db/schema/jobs";
import { instant } from "./parameters";

export interface Outstanding {
  /** What all users together could spend at the instant; debts are not set off against it. */
  readonly available: number;
  readonly held: number;
  readonly debt: number;
}

/**
 * What users hold at `at`, by the same rule as every balance: what has expired or lapsed counts as
 * such, booked or not. Accounts are summed as booked and corrected by their expired lots; the few with
 * a lapsed hold are asked one by one. Reads every account once (a million: some 0.2 s).
 */
export async function readOutstanding(reader: Reader, at: Date): Promise<Outstanding> {
  const [row] = await reader.execute<{ available: string; held: string; debt: string }>(sql`
    with lapsed as materialized (
      select distinct user_id from credit_hold where status = 'open' and expires_at <= ${instant(at)}
    ), booked as (
      select coalesce(sum(balance + debt), 0) as available, coalesce(sum(held), 0) as held,
        coalesce(sum(debt), 0) as debt
      from credit_account where user_id not in (select user_id from lapsed)
    ), expired as (
      select coalesce(sum(remaining), 0) as credits from credit_lot
      where is_open and expires_at is not null and expires_at <= ${instant(at)}
        and user_id not in (select user_id from lapsed)
    ), asked as (
      select coalesce(sum(b.available + b.debt), 0) as available, coalesce(sum(b.held), 0) as held,
        coalesce(sum(b.debt), 0) as debt
      from lapsed cross join lateral credits_balance(lapsed.user_id, ${instant(at)}) b
    )
    select booked.available - expired.credits + asked.available as available,
      booked.held + asked.held as held, booked.debt + asked.debt as debt
    from booked, expired, asked`);
  if (row === undefined) throw new Error("The outstanding credits could not be summed.");
  return {
    available: Number(row.available),
    held: Number(row.held),
    debt: Number(row.debt),
  };
}

/** Up to about so many accounts a count takes a few milliseconds and is made whenever it is asked for. */
const ALWAYS_COUNTED_USERS = 50_000;

export interface CountedOutstanding extends Outstanding {
  readonly countedAt: Date;
}

/**
 * What users hold: at `at` while the accounts are few, else as last counted by `countOutstanding`,
 * so that a page never waits for a read of every account. Postgres' own estimate tells how many.
 */
export async function latestOutstanding(reader: Reader, at: Date): Promise<CountedOutstanding> {
  const [estimate] = await reader.execute<{ users: number }>(
    sql`select reltuples::float8 as users from pg_class where oid = 'credit_account'::regclass`,
  );
  if ((estimate?.users ?? 0) > ALWAYS_COUNTED_USERS) {
    const [last] = await reader
      .select()
      .from(outstandingCount)
      .orderBy(desc(outstandingCount.countedAt))
      .limit(1);
    if (last !== undefined) return last;
  }
  return { ...(await readOutstanding(reader, at)), countedAt: at };
}

/** Counts what users hold at `now` and keeps it. Reads every account, locks none. */
export async function countOutstanding(db: Database, now: Date): Promise<Outstanding> {
  const counted = await readOutstanding(db, now);
  await db.insert(outstandingCount).values({ ...counted, countedAt: now });
  return counted;
}
