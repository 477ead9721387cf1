-- credits_capture: turns a hold (or the first part of it in burn order) into a spend and gives the
-- rest back. Locks the account. Never more than was held; not after the hold's own expiry. A lot
-- that expired while held can still be captured. One capture for a key, and one for a hold.
create or replace function credits_capture(
  p_user text, p_hold_key text, p_key text, p_amount bigint, p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  acc credit_account;
  tx credit_transaction;
  hold credit_hold;
  wanted bigint;
begin
  acc := credits_lock_account(p_user, p_now);
  tx := credits_find_by_key(p_user, p_key);
  select * into hold from credit_hold where user_id = p_user and key = p_hold_key;
  if tx.seq is not null then
    if hold.capture_seq is distinct from tx.seq or coalesce(p_amount, hold.amount) <> -tx.amount then
      perform credits_conflict(p_key);
    end if;
    return credits_booking(tx, true);
  end if;
  if hold.key is null then
    perform credits_raise('QF005', 'There is no such hold.');
  end if;
  if hold.status in ('captured', 'released') then
    perform credits_raise('QF006', 'This hold is closed.', jsonb_build_object('status', hold.status));
  end if;
  if hold.status = 'lapsed' or hold.expires_at <= acc.as_of then
    perform credits_raise('QF007', 'This hold has lapsed; its credits are free again.');
  end if;
  wanted := coalesce(p_amount, hold.amount);
  perform credits_check_amount(wanted);
  if wanted > hold.amount then
    perform credits_raise('QF008', 'More than was held can''t be captured.',
      jsonb_build_object('amount', wanted, 'held', hold.amount));
  end if;

  acc := credits_catch_up(acc);
  acc := credits_write_transaction(acc, 'USAGE', 'capture', -wanted, p_key, hold.source);
  update credit_hold
  set status = 'captured', captured = wanted, capture_seq = acc.version, closed_at = acc.as_of
  where user_id = p_user and key = p_hold_key;
  insert into credit_allocation (user_id, lot_seq, amount, transaction_seq, from_at, to_at)
  select p_user, lot_seq, least(amount, wanted - (upto - amount)), acc.version, acc.as_of, 'infinity'
  from (
    select a.lot_seq, a.amount, row_number() over burn as nth, sum(a.amount) over burn as upto
    from credit_allocation a
    join credit_lot l on l.user_id = a.user_id and l.seq = a.lot_seq
    where a.user_id = p_user and a.hold_key = p_hold_key
    window burn as (order by l.priority, l.expires_at, l.paid, l.granted_at, l.seq)
  ) parts
  where upto - amount < wanted
  order by nth;
  acc.held := acc.held - wanted;
  acc := credits_return_hold(acc, hold, wanted, acc.as_of);
  perform credits_save_account(acc);
  return credits_booking(credits_find_by_key(p_user, p_key), false);
end
$$;
