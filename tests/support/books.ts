import type postgres from "postgres";
import { expect } from "vitest";

/** A rule that a user's rows violate. */
export interface BooksFault {
  readonly userId: string;
  /** The rule, as a sentence. */
  readonly rule: string;
  readonly found: string | null;
  readonly expected: string | null;
}

/**
 * Expects that the ledger of `userId`, or of all users, balances: invariant 1 and every figure that
 * can be recomputed from other rows. Every test that writes credits ends with it.
 */
export async function expectBooksBalanced(sql: postgres.Sql, userId?: string): Promise<void> {
  expect(await findBooksFaults(sql, userId), "the books do not balance").toEqual([]);
}

/** Recomputes the ledger in one query and returns the violations. Needs only SELECT. */
export async function findBooksFaults(sql: postgres.Sql, userId?: string): Promise<BooksFault[]> {
  const rows = await sql<BooksFault[]>`
    with
    account as (select * from credit_account where ${mine()}),
    booked as (select * from credit_transaction where ${mine()}),
    lot as (select * from credit_lot where ${mine()}),
    hold as (select * from credit_hold where ${mine()}),
    unbilled as (select * from credit_unbilled where ${mine()}),
    drawn as (select * from credit_allocation where ${mine()}),
    settled as (select * from credit_settlement where ${mine()}),
    totals as (
      select a.*,
        coalesce((select sum(amount) from booked where user_id = a.user_id), 0) as booked,
        coalesce((select sum(remaining) from lot where user_id = a.user_id), 0) as on_lots
      from account a
    ),
    running as (
      select *, sum(amount) over (partition by user_id order by seq) as running_sum,
        row_number() over (partition by user_id order by seq) as nth
      from booked
    ),
    of_transaction as (
      select t.*, coalesce(d.amount, 0) as drawn_amount, l.amount as lot_amount,
        coalesce((select sum(s.amount) from settled s where t.operation = 'restore'
          and s.user_id = t.user_id and s.revoke_seq = t.related_seq and s.lot_seq is null), 0)
          as cancelled
      from booked t
      left join (select user_id, transaction_seq, sum(amount) as amount from drawn group by 1, 2) d
        on d.user_id = t.user_id and d.transaction_seq = t.seq
      left join lot l on l.user_id = t.user_id and l.seq = t.seq
    ),
    fault as (
      select user_id, 'the cached balance is the remainder of all lots, less debt' as rule,
        balance as found, on_lots - debt as expected from totals
      union all
      select user_id, 'the transactions add up to lots + held - debt', booked,
        on_lots + held - debt from totals
      union all
      select user_id, 'held is the sum of open holds', held, coalesce((select sum(h.amount)
        from hold h where h.user_id = a.user_id and h.status = 'open'), 0) from account a
      union all
      select user_id, 'debt is the debt of all transactions, less settlements', debt,
        coalesce((select sum(debt_made) from booked t where t.user_id = a.user_id), 0)
        - coalesce((select sum(amount) from settled s where s.user_id = a.user_id), 0)
        from account a
      union all
      select user_id, 'no allocation has a higher number than the account''s last', greatest(
        last_allocation, (select max(number) from drawn d where d.user_id = a.user_id)),
        last_allocation from account a
      union all
      select user_id, 'no settlement has a higher number than the account''s last', greatest(
        last_settlement, (select max(number) from settled s where s.user_id = a.user_id)),
        last_settlement from account a
      union all
      select user_id, 'with debt, every lot is empty', on_lots, 0
        from totals where debt > 0
      union all
      select user_id, 'the version is the number of transactions', version,
        (select count(*) from booked t where t.user_id = a.user_id) from account a
      union all
      select user_id, format('transaction %s has no gap before it', seq), seq, nth from running
      union all
      select user_id, format('balance after transaction %s is the running sum', seq),
        balance_after, running_sum from running
      union all
      select user_id, format('lot %s has its amount less everything drawn', seq), remaining, amount
        - coalesce((select sum(d.amount) from drawn d where d.user_id = l.user_id
            and d.lot_seq = l.seq and (d.transaction_seq is not null or exists (select from hold h
              where h.user_id = d.user_id and h.key = d.hold_key and h.status = 'open'))), 0)
        - coalesce((select sum(s.amount) from settled s where s.user_id = l.user_id
            and s.lot_seq = l.seq), 0)
        + coalesce((select sum(t.amount) from booked t where t.user_id = l.user_id
            and t.lot_seq = l.seq and t.type = 'EXPIRE'), 0) from lot l
      union all
      select user_id, format('debit %s drew its amount, except debt', seq), drawn_amount,
        -amount - coalesce(debt_made, 0) from of_transaction
        where operation in ('spend', 'capture', 'revoke') or (operation = 'adjust' and amount < 0)
      union all
      select user_id, format('refunds of %s returned their amount or cancelled debt', related_seq),
        coalesce((select sum(s.amount) from settled s where s.user_id = r.user_id
          and s.revoke_seq = r.related_seq and s.lot_seq is null), 0) - sum(drawn_amount), sum(amount)
        from of_transaction r where operation = 'refund' group by user_id, related_seq
      union all
      select user_id, format('restoration %s returned credits, cancelled debt or opened a lot', seq),
        coalesce(lot_amount, cancelled - drawn_amount), amount
        from of_transaction where operation = 'restore'
      union all
      select user_id, format('grant %s opened a lot of its amount', seq), lot_amount, amount
        from of_transaction where operation = 'grant' or (operation = 'adjust' and amount > 0)
      union all
      select user_id, format('hold %s is at least what its extensions added', key),
        least(h.amount - 1, e.amount), e.amount
        from hold h cross join lateral (select coalesce(sum(amount), 0) as amount
          from credit_hold_extension e where e.user_id = h.user_id and e.hold_key = h.key) e
      union all
      select user_id, format('hold %s reserved its amount', key), (select sum(d.amount)
        from drawn d where d.user_id = h.user_id and d.hold_key = h.key), amount from hold h
      union all
      select user_id, format('the debt of %s is settled at most once', seq),
        greatest(debt_made, settled_amount), debt_made
        from (select t.*, coalesce((select sum(s.amount) from settled s where s.user_id = t.user_id
          and s.revoke_seq = t.seq), 0) as settled_amount from booked t where debt_made is not null) r
      union all
      select user_id, format('capture %s has charged what it cost, less what is unbilled', seq),
        -amount + coalesce((select u.amount from unbilled u
          where u.user_id = t.user_id and u.key = t.idempotency_key and u.capture_seq = t.seq), 0),
        coalesce(requested, -amount) from booked t where operation = 'capture'
      union all
      select user_id, format('hold %s has captured what was charged', key), captured,
        coalesce((select -t.amount from booked t where t.user_id = h.user_id
          and t.seq = h.capture_seq), 0) from hold h
      union all
      select user_id, format('lot %s was granted by a transaction', seq), 0, 1 from lot l
        where not exists (select from booked t where t.user_id = l.user_id and t.seq = l.seq)
      union all
      select coalesce(l.user_id, l.service_id), format('limit %s has counted the rows of its window', l."window"),
        c.used, credits_spent_in_window(l, c.starts_at)
        from spend_limit l join spend_count c on c.limit_id = l.id
        where exists (select from account a where a.user_id = l.user_id
          or exists (select from booked t where t.user_id = a.user_id and t.service_id = l.service_id))
      union all
      select distinct user_id, 'every user with transactions has an account', 0, 1 from booked t
        where not exists (select from account a where a.user_id = t.user_id)
    )
    select user_id as "userId", rule, found::text, expected::text from fault
    where found is distinct from expected order by user_id, rule limit 50`;
  return [...rows];

  function mine() {
    return userId === undefined ? sql`true` : sql`user_id = ${userId}`;
  }
}
