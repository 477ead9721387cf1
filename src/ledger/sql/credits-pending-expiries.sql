-- credits_pending_expiries(user, t): the EXPIRE rows that the next write at t will book before
-- anything else, with the numbers, instants and running balances they will have
-- (`credits_catch_up`, `credits_expire_plain`): what has expired by t and no write has met yet.
-- Credits that a lapsed hold gives back to a lot before it expires go with the rest of that lot; what
-- comes back to an expired lot is a row of its own. None for a t before the account's `as_of`, when
-- all was booked. Reads only.
create or replace function credits_pending_expiries(p_user text, p_at timestamptz)
returns table (
  seq bigint, lot_seq bigint, amount bigint, balance_after bigint, source text, effective_at timestamptz
) language sql stable as $$
  with due as (
    select l.expires_at as at, '' as hold_key, l.expires_at, l.seq as lot_seq, l.remaining as amount
    from credit_lot l
    where l.user_id = p_user and l.is_open and l.expires_at <= p_at
    union all
    select greatest(l.expires_at, p.lapsed_at),
      case when p.lapsed_at < l.expires_at then '' else p.hold_key end, l.expires_at, l.seq, p.back
    from credits_lapsed_parts(p_user, p_at) p
    join credit_lot l on l.user_id = p_user and l.seq = p.lot_seq
    where l.expires_at <= p_at and p.back > 0
  ), expired as (
    select at, hold_key, expires_at, lot_seq, sum(amount) as amount
    from due group by at, hold_key, expires_at, lot_seq
  )
  select acc.version + row_number() over in_order, e.lot_seq, -e.amount::bigint,
    (acc.balance + acc.held - sum(e.amount) over in_order)::bigint, l.source, e.at
  from expired e
  join credit_account acc on acc.user_id = p_user
  join credit_lot l on l.user_id = p_user and l.seq = e.lot_seq
  -- At one instant lots expire before a hold gives anything back to them: no hold sorts first.
  window in_order as (
    order by e.at, e.hold_key collate "C", e.expires_at, e.lot_seq rows unbounded preceding)
  order by 1
$$;
