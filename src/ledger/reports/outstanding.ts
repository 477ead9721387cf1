import { desc, eq, sql } from "drizzle-orm";
import type { Database, Executor } from "@/db/client";
import { instant } from "../call-ledger";
import type { CreditType } from "../grant";
import { outstandingCount, outstandingCountType } from "./schema";

/** Credits available on lots of one type. */
export interface TypeAvailable {
  readonly type: CreditType;
  readonly available: number;
}

export interface Outstanding {
  /** Credits that all users together can spend. Debt is not deducted. */
  readonly available: number;
  readonly held: number;
  readonly debt: number;
  /** `available` by the type of the grant. */
  readonly byType: readonly TypeAvailable[];
}

/** A stored or current count. */
export interface CountedOutstanding extends Outstanding {
  readonly countedAt: Date;
}

/** Up to about this many accounts a count takes milliseconds and is made on every request. */
const ALWAYS_COUNTED_USERS = 20_000;

/**
 * Returns the outstanding credits at `at` while there are few accounts, else the last stored count,
 * so that a page never waits for a read of every account. The number of accounts is Postgres'
 * estimate.
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

/** Counts the outstanding credits at `now` and stores the count. Reads every account, locks none. */
export async function countOutstanding(db: Database, now: Date): Promise<Outstanding> {
  const { byType, ...counted } = await readOutstanding(db, now);
  await db.transaction(async (tx) => {
    const [row] = await tx
      .insert(outstandingCount)
      .values({ ...counted, countedAt: now })
      .returning({ id: outstandingCount.id });
    if (row === undefined) throw new Error("The outstanding credits could not be stored.");
    if (byType.length > 0)
      await tx
        .insert(outstandingCountType)
        .values(byType.map((of) => ({ ...of, countId: row.id })));
  });
  return { ...counted, byType };
}

/** Lists the last count of each month (UTC) since `from`, newest first. Months without one are omitted. */
export async function outstandingByMonth(
  reader: Executor,
  from: Date,
): Promise<CountedOutstanding[]> {
  const rows = await reader.execute<{
    counted_at: string;
    available: string;
    held: string;
    debt: string;
    by_type: readonly { type: CreditType; available: number }[];
  }>(sql`
    select counted_at, available, held, debt, (
        select coalesce(jsonb_agg(jsonb_build_object('type', type, 'available', t.available) order by type), '[]')
        from outstanding_count_type t where t.count_id = last.id
      ) as by_type
    from (
      select distinct on (date_trunc('month', counted_at at time zone 'UTC')) *
      from outstanding_count where counted_at >= ${instant(from)}
      order by date_trunc('month', counted_at at time zone 'UTC') desc, counted_at desc
    ) last
    order by counted_at desc`);
  return rows.map((row) => ({
    countedAt: new Date(row.counted_at),
    available: Number(row.available),
    held: Number(row.held),
    debt: Number(row.debt),
    byType: row.by_type,
  }));
}

/**
 * Sums what users hold at `at`, by the rule of every balance: expired lots and lapsed holds don't
 * count, booked or not. Users with a lapsed hold are recomputed one by one; the others' lots are
 * summed as stored. Reads every account and open lot once (a million: about 0.5 s).
 */
export async function readOutstanding(reader: Executor, at: Date): Promise<Outstanding> {
  const rows = await reader.execute<{
    type: CreditType | null;
    available: string;
    held: string;
    debt: string;
  }>(sql`select type, available, held, debt from credits_outstanding(${instant(at)})`);
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

async function readTypes(reader: Executor, countId: string): Promise<TypeAvailable[]> {
  const { type, available } = outstandingCountType;
  return reader
    .select({ type, available })
    .from(outstandingCountType)
    .where(eq(outstandingCountType.countId, countId))
    .orderBy(type);
}
