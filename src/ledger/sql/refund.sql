-- Refunds: the credits of a spend return to their lots.

-- credits_refund_spend: refunds `amount` credits of a spend, or (null) all that is not refunded yet, to
-- the lots they came from, last drawn first. If the spend made debt, first cancels what is outstanding of
-- it and then returns what lots paid for it. Returned credits settle other debt first. Credits returned to
-- an expired lot expire at once. Locks the account. Raises TransactionNotFound, RefundExceedsSpend,
-- InvalidAmount, IdempotencyConflict and CreditAccountNotFound.
create or replace function credits_refund_spend(
  p_user text, p_spend_seq bigint, p_key text, p_amount bigint, p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  begun record;
  acc credit_account;
  spend credit_transaction;
  part record;
  refundable bigint;
  wanted bigint;
  cancelled bigint;
  booking jsonb;
begin
  select * into begun
  from credits_begin_write(p_user, p_key, 'refund', p_amount, null, p_now, p_related_seq => p_spend_seq);
  select * into spend from credit_transaction where user_id = p_user and seq = p_spend_seq;
  if begun.replay is not null then
    return credits_with_limit(begun.replay, p_user, spend.service_id, (begun.acc).as_of);
  end if;
  if spend.seq is null or spend.type <> 'USAGE' then
    perform credits_raise('QF010', 'The spend does not exist.');
  end if;
  select -spend.amount - coalesce(sum(amount), 0) into refundable
  from credit_transaction where user_id = p_user and related_seq = p_spend_seq and type = 'USAGE_REFUND';
  wanted := coalesce(p_amount, refundable);
  if p_amount is not null then
    perform credits_check_amount(p_amount);
  end if;
  if wanted > refundable or wanted = 0 then
    perform credits_raise('QF009', 'A refund cannot exceed its spend.',
      jsonb_build_object('amount', wanted, 'refundable', refundable));
  end if;

  acc := credits_catch_up(begun.acc, spend.service_id);
  acc := credits_write_transaction(acc, 'USAGE_REFUND', 'refund', wanted, p_key, spend.source,
    p_related_seq => p_spend_seq, p_requested => p_amount, p_service => spend.service_id,
    p_feature => spend.feature, p_counted_at => coalesce(spend.counted_at, spend.booked_at));
  booking := credits_booking(
    acc.version, 'USAGE_REFUND', wanted, acc.balance + acc.held + wanted, acc.as_of, false);
  cancelled := least(wanted, coalesce(spend.debt_made, 0) - coalesce((
    select sum(amount) from credit_settlement where user_id = p_user and revoke_seq = p_spend_seq), 0));
  if cancelled > 0 then
    acc.last_settlement := acc.last_settlement + 1;
    insert into credit_settlement (user_id, number, lot_seq, revoke_seq, amount, at)
    values (p_user, acc.last_settlement, null, p_spend_seq, cancelled, acc.as_of);
    acc.debt := acc.debt - cancelled;
    acc.balance := acc.balance + cancelled;
  end if;
  for part in
    select lot_seq, least(unreturned, wanted - cancelled - (upto - unreturned))::bigint as back
    from (
      select lot_seq, unreturned, nth, sum(unreturned) over (order by nth) as upto
      from credits_unreturned(p_user, p_spend_seq)
    ) parts
    where upto - unreturned < wanted - cancelled
    order by nth
  loop
    acc.last_allocation := acc.last_allocation + 1;
    insert into credit_allocation (user_id, number, lot_seq, amount, transaction_seq, from_at, to_at)
    values (p_user, acc.last_allocation, part.lot_seq, -part.back, acc.version, acc.as_of, 'infinity');
    acc := credits_put_on_lot(acc, part.lot_seq, part.back, acc.as_of);
  end loop;
  acc := credits_book_expired(acc, acc.as_of, acc.as_of);
  perform credits_uncount_spend(
    p_user, spend.service_id, wanted, coalesce(spend.counted_at, spend.booked_at));
  perform credits_save_account(acc);
  return credits_with_limit(booking, p_user, spend.service_id, acc.as_of);
end
$$;

-- credits_unreturned: what lots gave for a spend, drawn or settling its debt, less its refunds. `nth` is the
-- order of returns: first what settled the debt, latest first, then what was drawn, last drawn first.
create or replace function credits_unreturned(p_user text, p_spend_seq bigint)
returns table (lot_seq bigint, unreturned bigint, nth bigint) language sql stable as $$
  select given.lot_seq, sum(given.amount)::bigint,
    row_number() over (order by min(given.drawn_number) desc nulls first, min(given.settled_number) desc)
  from (
    select a.lot_seq, a.amount, case when a.amount > 0 then a.number end as drawn_number,
      null::bigint as settled_number
    from credit_allocation a
    where a.user_id = p_user and a.transaction_seq in (
      select p_spend_seq union all
      select seq from credit_transaction
      where user_id = p_user and related_seq = p_spend_seq and type = 'USAGE_REFUND')
    union all
    select s.lot_seq, s.amount, null, s.number
    from credit_settlement s
    where s.user_id = p_user and s.revoke_seq = p_spend_seq and s.lot_seq is not null
  ) given
  group by given.lot_seq
  having sum(given.amount) > 0
$$;
