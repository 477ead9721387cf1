-- credits_book_expired(acc, upto, floor): books every lot of the account that expired by `upto`
-- with one EXPIRE row each, effective when the lot expired, or at `floor` when the credits came
-- back to it later than that. Runs under the account's lock.
create or replace function credits_book_expired(
  acc credit_account, p_upto timestamptz, p_floor timestamptz default null
) returns credit_account language plpgsql as $$
declare
  lot record;
begin
  for lot in
    select seq, remaining, source, expires_at from credit_lot
    where user_id = acc.user_id and is_open and expires_at <= p_upto
    order by expires_at, seq
  loop
    acc := credits_write_transaction(acc, 'EXPIRE', 'expire', -lot.remaining,
      format('lot:%s:%s:expire', lot.seq, acc.version + 1), lot.source,
      greatest(lot.expires_at, p_floor), lot.seq);
    update credit_lot set remaining = 0 where user_id = acc.user_id and seq = lot.seq;
    acc.balance := acc.balance - lot.remaining;
  end loop;
  return acc;
end
$$;

-- credits_return_hold(acc, hold, keep, at): ends what a hold set aside at `at` and puts all but the
-- first `keep` credits (in burn order) back, last drawn first; what comes back to an expired lot is
-- booked as expired at once. The caller closes the hold's row.
create or replace function credits_return_hold(
  acc credit_account, p_hold credit_hold, p_keep bigint, p_at timestamptz
) returns credit_account language plpgsql as $$
declare
  part record;
begin
  for part in
    select lot_seq, least(amount, upto - p_keep)::bigint as back
    from (
      select a.lot_seq, a.amount, row_number() over burn as nth, sum(a.amount) over burn as upto
      from credit_allocation a
      join credit_lot l on l.user_id = a.user_id and l.seq = a.lot_seq
      where a.user_id = acc.user_id and a.hold_key = p_hold.key
      window burn as (order by l.priority, l.expires_at, l.paid, l.granted_at, l.seq)
    ) parts
    where upto > p_keep
    order by nth desc
  loop
    acc.held := acc.held - part.back;
    acc := credits_put_on_lot(acc, part.lot_seq, part.back, p_at);
  end loop;
  update credit_allocation set to_at = p_at where user_id = acc.user_id and hold_key = p_hold.key;
  return credits_book_expired(acc, p_at, p_at);
end
$$;

-- credits_catch_up(acc): makes the books say what time has done: releases lapsed holds and books
-- expired lots, in the order in which it happened. Every write calls it first.
create or replace function credits_catch_up(acc credit_account)
returns credit_account language plpgsql as $$
declare
  lapsed credit_hold;
begin
  if acc.held > 0 then
    for lapsed in
      select * from credit_hold
      where user_id = acc.user_id and status = 'open' and expires_at <= acc.as_of
      order by expires_at, key collate "C"
    loop
      acc := credits_book_expired(acc, lapsed.expires_at);
      acc := credits_return_hold(acc, lapsed, 0, lapsed.expires_at);
      update credit_hold set status = 'lapsed', closed_at = lapsed.expires_at
      where user_id = acc.user_id and key = lapsed.key;
    end loop;
  end if;
  return credits_book_expired(acc, acc.as_of);
end
$$;
