-- credits_draw(user, amount, transaction, hold, from, to, first_source): takes credits from open
-- lots in burn order (a revocation: that purchase's lots first) and freezes what was taken from
-- which. Takes what there is; answers how much that was. Runs under the account's lock.
--
-- One lot after the other along the burn-order index: most debits need one or two of them. One
-- statement for all, with a window over every open lot, took twice as long (dev/bench/spend.ts).
create or replace function credits_draw(
  p_user text, p_amount bigint, p_transaction_seq bigint, p_hold_key text,
  p_from timestamptz, p_to timestamptz, p_first_source text default null
) returns bigint language plpgsql as $$
declare
  lots refcursor;
  lot_seq bigint;
  left_on_lot bigint;
  taken bigint;
  drawn bigint := 0;
begin
  if p_first_source is null then -- so that this order is the index's and nothing is sorted
    open lots no scroll for select seq, remaining from credit_lot
      where user_id = p_user and is_open
      order by priority, expires_at, paid, granted_at, seq;
  else
    open lots no scroll for select seq, remaining from credit_lot
      where user_id = p_user and is_open
      order by (source = p_first_source) desc, priority, expires_at, paid, granted_at, seq;
  end if;
  while drawn < p_amount loop
    fetch lots into lot_seq, left_on_lot;
    exit when not found;
    taken := least(left_on_lot, p_amount - drawn);
    update credit_lot set remaining = remaining - taken where user_id = p_user and seq = lot_seq;
    insert into credit_allocation (user_id, lot_seq, amount, transaction_seq, hold_key, from_at, to_at)
    values (p_user, lot_seq, taken, p_transaction_seq, p_hold_key, p_from, p_to);
    drawn := drawn + taken;
  end loop;
  close lots;
  return drawn;
end
$$;

-- credits_require(acc, amount): refuses when less than the amount can be spent.
create or replace function credits_require(acc credit_account, p_amount bigint)
returns void language plpgsql as $$
begin
  if acc.balance < p_amount then
    perform credits_raise('QF001', 'Not enough credits.',
      jsonb_build_object('required', p_amount, 'available', acc.balance));
  end if;
end
$$;

-- credits_require_not_frozen(acc): an account whose books drifted spends nothing until an admin has looked.
create or replace function credits_require_not_frozen(acc credit_account)
returns void language plpgsql as $$
begin
  if acc.frozen_at is not null then
    perform credits_raise('QF004', 'Spending is paused on this account while its books are checked.');
  end if;
end
$$;
