-- credits_draw(user, amount, transaction, hold, from, to, first_source): takes credits from open
-- lots in burn order (a revocation: that purchase's lots first) and freezes what was taken from
-- which. Takes what there is; answers how much that was. Runs under the account's lock.
create or replace function credits_draw(
  p_user text, p_amount bigint, p_transaction_seq bigint, p_hold_key text,
  p_from timestamptz, p_to timestamptz, p_first_source text default null
) returns bigint language plpgsql as $$
declare
  drawn bigint;
begin
  with queue as (
    select seq, remaining, row_number() over burn as nth, sum(remaining) over burn as upto
    from credit_lot
    where user_id = p_user and is_open
    window burn as (
      order by (p_first_source is not null and source = p_first_source) desc,
        priority, expires_at, paid, granted_at, seq
      rows unbounded preceding)
  ), taken as (
    select seq, nth, least(remaining, p_amount - (upto - remaining)) as amount
    from queue where upto - remaining < p_amount
  ), lots as (
    update credit_lot l set remaining = l.remaining - t.amount
    from taken t where l.user_id = p_user and l.seq = t.seq
  ), frozen as (
    insert into credit_allocation (user_id, lot_seq, amount, transaction_seq, hold_key, from_at, to_at)
    select p_user, seq, amount, p_transaction_seq, p_hold_key, p_from, p_to from taken order by nth
  )
  select coalesce(sum(amount), 0) into drawn from taken;
  return drawn;
end
$$;

-- credits_require(acc, amount): refuses when less than the amount can be spent.
create or replace function credits_require(acc credit_account, p_amount bigint)
returns void language plpgsql as $$
begin
  if acc.balance < p_amount then
    perform credits_refuse('QF001', 'Not enough credits.',
      jsonb_build_object('required', p_amount, 'available', acc.balance));
  end if;
end
$$;

-- credits_require_not_frozen(acc): an account whose books drifted spends nothing until an admin has looked.
create or replace function credits_require_not_frozen(acc credit_account)
returns void language plpgsql as $$
begin
  if acc.frozen_at is not null then
    perform credits_refuse('QF004', 'Spending is paused on this account while its books are checked.');
  end if;
end
$$;
