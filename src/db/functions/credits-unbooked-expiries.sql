-- credits_unbooked_expiries(t): the EXPIRE rows that the ledger lacks at t, of all users, one a row.
-- Nearly everybody has nothing held, so what an expired lot has left is its row; whose holds lapsed is
-- asked one by one, as what a hold gives back may pay a debt or expire later than its lot.
create or replace function credits_unbooked_expiries(p_at timestamptz)
returns table (user_id text, lot_seq bigint, effective_at timestamptz, amount bigint)
language sql stable rows 10000 as $$
  with lapsed as materialized (
    select distinct h.user_id from credit_hold h where h.status = 'open' and h.expires_at <= p_at
  )
  select l.user_id, l.seq, l.expires_at, l.remaining
  from credit_lot l
  where l.is_open and l.expires_at is not null and l.expires_at <= p_at
    and l.user_id not in (select lapsed.user_id from lapsed)
  union all
  select lapsed.user_id, e.lot_seq, e.effective_at, -e.amount
  from lapsed cross join lateral credits_pending_expiries(lapsed.user_id, p_at) e
$$;
