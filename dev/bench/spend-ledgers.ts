import type postgres from "postgres";
import { withoutIndexes } from "./without-indexes";

const LOT_CREDITS = 1_000_000_000;
const ROWS_PER_BATCH = 1_000_000;

/** The nth user of a group. */
export function userOf(group: string, nth: number): string {
  return `${group}_${String(nth).padStart(9, "0")}`;
}

/**
 * Users with three open lots each and `rows` past transactions: the first three granted the lots, the
 * others spent one credit each. The books balance; the rows are written in bulk.
 */
export async function seedSpenders(
  sql: postgres.Sql,
  group: { name: string; users: number; rows: number },
): Promise<void> {
  const usersPerBatch = Math.max(1, Math.floor(ROWS_PER_BATCH / group.rows));
  await withoutIndexes(sql, ["credit_transaction", "credit_allocation"], async () => {
    for (let from = 1; from <= group.users; from += usersPerBatch)
      await seedSome(sql, group, from, Math.min(group.users, from + usersPerBatch - 1));
  });
}

async function seedSome(
  sql: postgres.Sql,
  { name, rows }: { name: string; rows: number },
  from: number,
  to: number,
): Promise<void> {
  const at = new Date("2026-01-01T00:00:00Z");
  const people = sql`
    select ${name} || '_' || lpad(n::text, 9, '0') as id from generate_series(${from}::int, ${to}::int) n`;
  const spent = rows - 3;
  await sql`insert into credit_account (user_id, balance, version, last_allocation, as_of, opened_at)
    select id, ${3 * LOT_CREDITS - spent}::bigint, ${rows}::bigint, ${spent}::bigint, ${at}, ${at} from (${people}) p`;
  await sql`insert into credit_transaction (user_id, seq, type, operation, amount, balance_after,
      idempotency_key, source, booked_at, effective_at)
    select id, seq, (case when seq <= 3 then 'PURCHASE_PACKAGE' else 'USAGE' end)::credit_type,
      (case when seq <= 3 then 'grant' else 'spend' end)::credit_operation,
      case when seq <= 3 then ${LOT_CREDITS}::bigint else -1 end,
      least(seq, 3) * ${LOT_CREDITS}::bigint - greatest(seq - 3, 0),
      'past:' || lpad(seq::text, 6, '0'), 'reading:past', ${at}, ${at}
    from (${people}) p, generate_series(1, ${rows}::int) seq
    order by id, seq`;
  await sql`insert into credit_lot (user_id, seq, type, source, amount, remaining, paid, granted_at, expires_at)
    select id, seq, 'PURCHASE_PACKAGE', 'reading:past', ${LOT_CREDITS}::bigint,
      ${LOT_CREDITS}::bigint - case when seq = 1 then ${spent}::bigint else 0 end, true, ${at},
      ${at}::timestamptz + make_interval(days => 36500 + seq)
    from (${people}) p, generate_series(1, 3) seq`;
  await sql`insert into credit_allocation (user_id, number, lot_seq, amount, transaction_seq, from_at, to_at)
    select id, seq - 3, 1, 1, seq, ${at}, 'infinity'
    from (${people}) p, generate_series(4, ${rows}::int) seq
    order by id, seq`;
}

/** People for a group of spenders, for the API, which refuses unknown users. */
export async function seedPeople(
  sql: postgres.Sql,
  { name, users }: { name: string; users: number },
): Promise<void> {
  await sql`insert into "user" (id, name, email)
    select id, id, id || '@people.example' from (
      select ${name} || '_' || lpad(n::text, 9, '0') as id from generate_series(1, ${users}::int) n) p`;
}

/** The floor of every ledger: one row updated, one row inserted with a unique key. */
export async function makeFloor(sql: postgres.Sql, users: number): Promise<void> {
  await sql.unsafe(`
    create table floor_account (user_id text primary key, balance bigint not null) with (fillfactor = 80);
    create table floor_entry (
      user_id text not null, idempotency_key text not null, amount bigint not null,
      balance_after bigint not null, booked_at timestamptz not null,
      primary key (user_id, idempotency_key)
    );
    create function floor_spend(p_user text, p_key text, p_amount bigint, p_now timestamptz)
    returns jsonb language plpgsql as $$
    declare
      after bigint;
    begin
      update floor_account set balance = balance - p_amount where user_id = p_user
      returning balance into after;
      insert into floor_entry values (p_user, p_key, -p_amount, after, p_now);
      return jsonb_build_object('balanceAfter', after);
    end
    $$;
    create function floor_spend_batch(p_users text[], p_keys text[], p_now timestamptz)
    returns integer language plpgsql as $$
    declare
      written integer;
    begin
      with spend as materialized (
        select * from unnest(p_users, p_keys) with ordinality as s (user_id, key, nth)
      ), owner as (
        select user_id, count(*) as amount from spend group by user_id
      ), account as (
        update floor_account a set balance = balance - o.amount
        from owner o where a.user_id = o.user_id
        returning a.user_id, balance + o.amount as before
      )
      insert into floor_entry
      select s.user_id, s.key, -1,
        a.before - row_number() over (partition by s.user_id order by s.nth), p_now
      from spend s join account a on a.user_id = s.user_id;
      get diagnostics written = row_count;
      return written;
    end
    $$;
    grant all on floor_account, floor_entry to qiflow_app;
    grant execute on function floor_spend, floor_spend_batch to qiflow_app;`);
  await sql`insert into floor_account
    select ${"user"} || '_' || lpad(n::text, 9, '0'), ${LOT_CREDITS}::bigint
    from generate_series(1, ${users}::int) n`;
}
