import type postgres from "postgres";
import { expect } from "vitest";
import { expectBooksBalanced } from "../../support/books";
import type { TestDatabase } from "../../support/database";

/** The anchor of every schedule. The first period is due a month later. */
export const ANCHOR = new Date("2026-01-15T00:00:00Z");
export const FIRST_DUE = new Date("2026-02-15T12:00:00Z");

/** Of ten seeded users, 7 are free, 2 have a lifetime and 1 has a year. */
const SHAPE = `
  from (select n, case when n % 10 < 7 then 'free' when n % 10 < 9 then 'lifetime' else 'yearly' end as kind
    from generate_series(1, $1::integer) n) users`;

/** Returns the credits that one period of `count` seeded users grants. */
export function creditsDue(count: number): number {
  let credits = 0;
  for (let n = 1; n <= count; n++) credits += n % 10 < 7 ? 50 : 1000;
  return credits;
}

/** Inserts users `prefix-000001` … with a period due at FIRST_DUE, in bulk as the owner. */
export async function seedDueUsers(
  { ownerSql }: TestDatabase,
  { count, prefix = "user" }: { count: number; prefix?: string },
): Promise<void> {
  const id = `$2 || '-' || lpad(n::text, 6, '0')`;
  await ownerSql.begin(async (sql) => {
    await sql.unsafe(
      `insert into credit_account (user_id, as_of, opened_at) select ${id}, $3, $3 ${SHAPE}`,
      [count, prefix, ANCHOR],
    );
    // Three users share each due time, so that batches also end between equal ones.
    await sql.unsafe(
      `insert into credit_schedule (user_id, id, kind, credits, anchor_at, next_n, next_due_at)
      select ${id}, 'source', kind::credit_schedule_kind, case kind when 'free' then 50 else 1000 end,
        $3 + make_interval(secs => n / 3), 1,
        credits_add_months($3 + make_interval(secs => n / 3), 1) ${SHAPE}`,
      [count, prefix, ANCHOR],
    );
  });
  await ownerSql`analyze credit_account, credit_schedule`;
}

/** Expects that every user of `prefix` has exactly the allotments 1 to `periods`, each once. */
export async function expectGrantedOnce(
  sql: postgres.Sql,
  { count, periods, prefix = "user" }: { count: number; periods: number; prefix?: string },
): Promise<void> {
  const [found] = await sql<{ users: number; wrong: number }[]>`
    select count(*)::integer as users, count(*) filter (where keys is distinct from (
      select array_agg(format('schedule:source:%s', n) order by n)
      from generate_series(1, ${periods}::integer) n))::integer as wrong
    from credit_account a
    left join lateral (
      select array_agg(t.idempotency_key order by t.seq) as keys from credit_transaction t
      where t.user_id = a.user_id and t.operation = 'grant') granted on true
    where a.user_id like ${`${prefix}-%`}`;
  expect(found).toEqual({ users: count, wrong: 0 });
}

/**
 * Checks invariant 1 for all users in sets, and everything else for a sample: `expectBooksBalanced`
 * takes minutes for thousands of users.
 */
export async function expectBulkBooksBalanced(sql: postgres.Sql): Promise<void> {
  const drifted = await sql`
    select a.user_id from credit_account a
    left join (select user_id, sum(amount) as booked, count(*) as rows, max(seq) as last
      from credit_transaction group by user_id) t using (user_id)
    left join (select user_id, sum(remaining) as on_lots from credit_lot group by user_id) l
      using (user_id)
    where coalesce(booked, 0) <> coalesce(on_lots, 0) + a.held - a.debt
      or a.balance <> coalesce(on_lots, 0) - a.debt
      or a.version <> coalesce(rows, 0) or a.version <> coalesce(last, 0)
    limit 20`;
  expect([...drifted], "users whose books do not balance").toEqual([]);
  const sample = await sql<{ user_id: string }[]>`
    select user_id from credit_account order by md5(user_id) limit 20`;
  for (const { user_id } of sample) await expectBooksBalanced(sql, user_id);
}
