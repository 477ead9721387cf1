import { desc, eq, sql } from "drizzle-orm";
import type { Database, Executor } from "@/db/client";
import type { CreditType } from "../grant-credits";
import { instant } from "../parameters";
import { outstandingCount, outstandingCountType } from "./schema";

/** What was available on lots of a type. */
export interface TypeAvailable {
  readonly type: CreditType;
  readonly available: number;
}

export interface Outstanding {
  /** What all users together could spend at the instant; debts are not set off against it. */
  readonly available: number;
  readonly held: number;
  readonly debt: number;
  /** The available credits by the type of the grant that they are left of; they add up to all. */
  readonly byType: readonly TypeAvailable[];
}

/**
 * What users hold at `at`, by the same rule as every balance: what has expired or lapsed counts as
 * such, booked or not. Lots are summed as they are but for the expired ones; the few users with a
 * lapsed hold are asked one by one. Reads every account and open lot once (a million: some 0.5 s).
 */
export async function readOutstanding(reader: Executor, at: Date): Promise<Outstanding> {
  const rows = await reader.execute<{
    type: CreditType | null;
    available: string;
    held: string;
    debt: string;
  }>(sql`
    with lapsed as materialized (
      select distinct user_id from credit_hold where status = 'open' and expires_at <= ${instant(at)}
    ), available as (
      select type, remaining as credits from credit_lot
      where is_open and (expires_at is null or expires_at > ${instant(at)})
        and user_id not in (select user_id from lapsed)
      union all
      select lot.type, left_at.available
      from lapsed cross join lateral credits_lots_at(lapsed.user_id, ${instant(at)}) left_at
      join credit_lot lot on lot.user_id = lapsed.user_id and lot.seq = left_at.seq
    ), owed as (
      select held, debt from credit_account where user_id not in (select user_id from lapsed)
      union all
      select b.held, b.debt
      from lapsed cross join lateral credits_balance(lapsed.user_id, ${instant(at)}) b
    )
    select type, sum(credits) as available, 0 as held, 0 as debt
    from available where credits > 0 group by type
    union all
    select null, 0, coalesce(sum(held), 0), coalesce(sum(debt), 0) from owed
    order by 1 nulls last`);
  const byType = rows.flatMap(({ type, available }) =>
    type === null ? [] : [{ type, available: Number(available) }],
  );
  const owed = rows.find(({ type }) => type === null);
  if (owed === undefined) throw new Error("The outstanding credits could not be summed.");
  return {
    available: byType.reduce((sum, { available }) => sum + available, 0),
    held: Number(owed.held),
    debt: Number(owed.debt),
    byType,
  };
}

/** Up to about so many accounts a count takes some milliseconds and is made whenever it is asked for. */
const ALWAYS_COUNTED_USERS = 20_000;

export interface CountedOutstanding extends Outstanding {
  readonly countedAt: Date;
}

/**
 * What users hold: at `at` while the accounts are few, else as last counted by `countOutstanding`,
 * so that a page never waits for a read of every account. Postgres' own estimate tells how many.
 */
export async function latestOutstanding(reader: Executor, at: Date): Promise<CountedOutstanding> {
  const [estimate] = await reader.execute<{ users: number }>(
    sql`select reltuples::float8 as users from pg_class where oid = 'credit_account'::regclass`,
  );
  if ((estimate?.users ?? 0) > ALWAYS_COUNTED_USERS) {
    const [last] = await reader
      .select()
      .from(outstandingCount)
      .orderBy(desc(outstandingCount.countedAt))
      .limit(1);
    if (last !== undefined) return { ...last, byType: await readTypes(reader, last.id) };
  }
  return { ...(await readOutstanding(reader, at)), countedAt: at };
}

async function readTypes(reader: Executor, countId: string): Promise<TypeAvailable[]> {
  const { type, available } = outstandingCountType;
  return reader
    .select({ type, available })
    .from(outstandingCountType)
    .where(eq(outstandingCountType.countId, countId))
    .orderBy(type);
}

/** Counts what users hold at `now` and keeps it. Reads every account, locks none. */
export async function countOutstanding(db: Database, now: Date): Promise<Outstanding> {
  const { byType, ...counted } = await readOutstanding(db, now);
  await db.transaction(async (tx) => {
    const [row] = await tx
      .insert(outstandingCount)
      .values({ ...counted, countedAt: now })
      .returning({ id: outstandingCount.id });
    if (row === undefined) throw new Error("The outstanding credits could not be kept.");
    if (byType.length > 0)
      await tx
        .insert(outstandingCountType)
        .values(byType.map((of) => ({ ...of, countId: row.id })));
  });
  return { ...counted, byType };
}
