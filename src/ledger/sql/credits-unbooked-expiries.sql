-- credits_unbooked_expiries(t): the EXPIRE rows that the ledger lacks at t, of all users, one a row.
-- For nearly everybody what an expired lot has left is its row. Whose lapsed holds give back to a lot
-- that has expired too is asked one by one, as that may pay a debt or expire later than its lot.
create or replace function credits_unbooked_expiries(p_at timestamptz)
returns table (user_id text, lot_seq bigint, effective_at timestamptz, amount bigint)
language sql stable rows 10000 as $$
  with lapsed as materialized (
    select distinct h.user_id
    from credit_hold h
    join credit_allocation a on a.user_id = h.user_id and a.hold_key = h.key
    join credit_lot l on l.user_id = a.user_id and l.seq = a.lot_seq
    where h.status = 'open' and h.expires_at <= p_at and l.expires_at <= p_at
  )
  select l.user_id, l.seq, l.expires_at, l.remaining
  from credit_lot l
  where l.is_open and l.expires_at is not null and l.expires_at <= p_at
    and l.user_id not in (select lapsed.user_id from lapsed)
  union all
  select lapsed.user_id, e.lot_seq, e.effective_at, -e.amount
  from lapsed cross join lateral credits_pending_expiries(lapsed.user_id, p_at) e
$$;
