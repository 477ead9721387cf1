-- Lots: the burn order, drawing credits from lots, returning credits to them, and booking expiries
-- and lapsed holds. Every function that writes runs under the account's lock.

-- credits_lots_in_burn_order: the lots of a user in the order in which they are spent: priority,
-- expiry (never last), promotional before paid, granted at, number. This is the only place that states
-- the order. Inlined into the statement that calls it: with `where is_open` the index
-- credit_lot_burn_order returns the lots in this order, so nothing is sorted and a LIMIT stops early.
create or replace function credits_lots_in_burn_order(p_user text)
returns setof credit_lot language sql stable as $$
  select * from credit_lot where user_id = p_user
  order by priority, expires_at, paid, granted_at, seq
$$;

-- credits_burn_positions: the place of each lot of a user in the burn order; 1 is spent first.
create or replace function credits_burn_positions(p_user text)
returns table (seq bigint, nth bigint) language sql stable as $$
  select l.seq, row_number() over () from credits_lots_in_burn_order(p_user) l
$$;

-- credits_draw: draws up to `amount` credits from open lots in burn order and records the amount per
-- lot. With `first_source`, the lots of that source come first. Allocations are numbered after `number`
-- in the order in which they are drawn, so a hold or a spend returns in reverse burn order by allocation
-- number. Returns the last number.
--
-- Reads lots one by one along the burn-order index, because most debits need one or two. One statement
-- with a window over every open lot takes twice as long (dev/bench/spend.ts).
create or replace function credits_draw(
  p_user text, p_amount bigint, p_number bigint, p_transaction_seq bigint, p_hold_key text,
  p_from timestamptz, p_to timestamptz, p_first_source text default null
) returns bigint language plpgsql as $$
declare
  lots refcursor;
  lot_seq bigint;
  lot_remaining bigint;
  taken bigint;
  drawn bigint := 0;
begin
  if p_first_source is null then
    open lots no scroll for
      select seq, remaining from credits_lots_in_burn_order(p_user) where is_open;
  else
    open lots no scroll for
      select seq, remaining from credits_lots_in_burn_order(p_user) where is_open and source = p_first_source;
  end if;
  while drawn < p_amount loop
    fetch lots into lot_seq, lot_remaining;
    exit when not found;
    taken := least(lot_remaining, p_amount - drawn);
    update credit_lot set remaining = remaining - taken where user_id = p_user and seq = lot_seq;
    p_number := p_number + 1;
    insert into credit_allocation (user_id, number, lot_seq, amount, transaction_seq, hold_key, from_at, to_at)
    values (p_user, p_number, lot_seq, taken, p_transaction_seq, p_hold_key, p_from, p_to);
    drawn := drawn + taken;
  end loop;
  close lots;
  if p_first_source is not null and drawn < p_amount then
    return credits_draw(p_user, p_amount - drawn, p_number, p_transaction_seq, p_hold_key, p_from, p_to);
  end if;
  return p_number;
end
$$;

-- credits_put_on_lot: returns credits to their lot (release, refund, restoration), less the part that
-- settles debt.
create or replace function credits_put_on_lot(
  acc credit_account, p_lot_seq bigint, p_amount bigint, p_at timestamptz
) returns credit_account language plpgsql as $$
declare
  remainder bigint := p_amount - least(acc.debt, p_amount);
begin
  acc := credits_settle_debt(acc, p_lot_seq, p_amount, p_at);
  if remainder > 0 then
    update credit_lot set remaining = remaining + remainder
    where user_id = acc.user_id and seq = p_lot_seq;
    acc.balance := acc.balance + remainder;
  end if;
  return acc;
end
$$;

-- credits_settle_debt: settles debt with credits that are about to be put on a lot, the oldest
-- first, and records each settlement. The caller credits the remainder to the lot.
create or replace function credits_settle_debt(
  acc credit_account, p_lot_seq bigint, p_amount bigint, p_at timestamptz
) returns credit_account language plpgsql as $$
declare
  settled bigint := least(acc.debt, p_amount);
  settlements integer;
begin
  if settled = 0 then
    return acc;
  end if;
  insert into credit_settlement (user_id, number, lot_seq, revoke_seq, amount, at)
  select acc.user_id, acc.last_settlement + row_number() over (order by seq), p_lot_seq, seq,
    least(owing, settled - (upto - owing)), p_at
  from (
    select seq, owing, sum(owing) over (order by seq) as upto
    from (
      select t.seq, t.debt_made - coalesce((
        select sum(s.amount) from credit_settlement s
        where s.user_id = t.user_id and s.revoke_seq = t.seq
      ), 0) as owing
      from credit_transaction t
      where t.user_id = acc.user_id and t.debt_made > 0
    ) owed
    where owing > 0
  ) queue
  where upto - owing < settled;
  get diagnostics settlements = row_count;
  acc.last_settlement := acc.last_settlement + settlements;
  acc.debt := acc.debt - settled;
  acc.balance := acc.balance + settled;
  return acc;
end
$$;

-- credits_catch_up: brings the books up to `as_of`: releases lapsed holds and books expired lots, in
-- the order of their instants. Every write calls it before its effect, with the service whose limits
-- it is going to count.
create or replace function credits_catch_up(acc credit_account, p_service text default null)
returns credit_account language plpgsql as $$
declare
  lapsed credit_hold;
begin
  if acc.held > 0 then
    perform credits_lock_limits_of_holds(array[acc.user_id], p_service, acc.as_of);
    for lapsed in
      select * from credit_hold
      where user_id = acc.user_id and status = 'open' and expires_at <= acc.as_of
      order by expires_at, key collate "C"
    loop
      acc := credits_book_expired(acc, lapsed.expires_at);
      acc := credits_return_hold(acc, lapsed, 0, lapsed.expires_at);
      update credit_hold set status = 'lapsed', closed_at = lapsed.expires_at
      where user_id = acc.user_id and key = lapsed.key;
      perform credits_uncount_spend(acc.user_id, lapsed.service_id, lapsed.amount, lapsed.held_at);
    end loop;
  end if;
  return credits_book_expired(acc, acc.as_of);
end
$$;

-- credits_book_expired: books one EXPIRE row for each lot of the account that expired by `upto`. A row
-- takes effect when its lot expired, or at `floor` if the credits returned to the lot after that.
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
      credits_expiry_key(lot.seq, acc.version + 1), lot.source, greatest(lot.expires_at, p_floor), lot.seq);
    update credit_lot set remaining = 0 where user_id = acc.user_id and seq = lot.seq;
    acc.balance := acc.balance - lot.remaining;
  end loop;
  return acc;
end
$$;

-- credits_expiry_key: the idempotency key of the EXPIRE row `seq` of a lot. A lot can expire twice if
-- credits return to it.
create or replace function credits_expiry_key(p_lot_seq bigint, p_seq bigint)
returns text language sql immutable parallel safe as $$
  select 'lot:' || p_lot_seq || ':' || p_seq || ':expire'
$$;

-- credits_return_hold: ends a hold's allocations at `at` and returns all but the first `keep` credits
-- to their lots, last drawn first. Credits returned to an expired lot expire at once. The caller
-- closes the hold's row.
create or replace function credits_return_hold(
  acc credit_account, p_hold credit_hold, p_keep bigint, p_at timestamptz
) returns credit_account language plpgsql as $$
declare
  part record;
begin
  for part in
    select p.lot_seq, least(p.amount, p.upto - p_keep)::bigint as back
    from credits_hold_parts(acc.user_id, p_hold.key) p
    where p.upto > p_keep
    order by p.number desc
  loop
    acc.held := acc.held - part.back;
    acc := credits_put_on_lot(acc, part.lot_seq, part.back, p_at);
  end loop;
  update credit_allocation set to_at = p_at where user_id = acc.user_id and hold_key = p_hold.key;
  return credits_book_expired(acc, p_at, p_at);
end
$$;

-- credits_hold_parts: the parts of lots that a hold reserves. `upto` is the running sum in the order
-- in which they were drawn, which is the order of the allocation numbers.
create or replace function credits_hold_parts(p_user text, p_hold_key text)
returns table (number bigint, lot_seq bigint, amount bigint, upto bigint) language sql stable as $$
  select a.number, a.lot_seq, a.amount, (sum(a.amount) over (order by a.number))::bigint
  from credit_allocation a where a.user_id = p_user and a.hold_key = p_hold_key
$$;
