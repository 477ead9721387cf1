import { type SQL, sql } from "drizzle-orm";
import { instant } from "../parameters";

/**
 * The number of a user's first transaction booked at or after an instant (one more than the last
 * where there is none), as a scalar subquery. A user's transactions are numbered without a gap and
 * their booking instants never run backward, so it is found by halving: some 20 probes of the
 * primary key in a ledger of a million rows, and no index by time that each write would pay for.
 */
export function firstSeqFrom(userId: string, at: Date): SQL {
  return sql`(
    with recursive halving (low, high) as (
      select 1::bigint, coalesce(max(version), 0) + 1 from credit_account where user_id = ${userId}
      union all
      select case when t.booked_at < ${instant(at)} then m.seq + 1 else h.low end,
        case when t.booked_at < ${instant(at)} then h.high else m.seq end
      from halving h
      cross join lateral (select (h.low + h.high) / 2 as seq) m
      join credit_transaction t on t.user_id = ${userId} and t.seq = m.seq
      where h.low < h.high
    )
    select low from halving where low >= high
  )`;
}
