-- credits_refund_spend: gives a spend back, whole (amount null: all that was not given back yet) or
-- in part, in reverse burn order onto the very lots it came from. Locks the account. Debt is settled
-- first; what comes back to an expired lot expires at once. One refund for a key.
create or replace function credits_refund_spend(
  p_user text, p_spend_seq bigint, p_key text, p_amount bigint, p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  acc credit_account;
  tx credit_transaction;
  spend credit_transaction;
  part record;
  refundable bigint;
  wanted bigint;
begin
  acc := credits_lock_account(p_user, p_now);
  tx := credits_find_by_key(p_user, p_key);
  if tx.seq is not null then
    if (tx.operation, tx.related_seq, tx.requested)
       is distinct from ('refund'::credit_operation, p_spend_seq, p_amount) then
      perform credits_conflict(p_key);
    end if;
    return credits_booking(tx, true);
  end if;
  select * into spend from credit_transaction where user_id = p_user and seq = p_spend_seq;
  if spend.seq is null or spend.type <> 'USAGE' then
    perform credits_raise('QF010', 'There is no such spend.');
  end if;
  select -spend.amount - coalesce(sum(amount), 0) into refundable
  from credit_transaction where user_id = p_user and related_seq = p_spend_seq and type = 'USAGE_REFUND';
  wanted := coalesce(p_amount, refundable);
  if p_amount is not null then
    perform credits_check_amount(p_amount);
  end if;
  if wanted > refundable or wanted = 0 then
    perform credits_raise('QF009', 'More than was spent can''t be given back.',
      jsonb_build_object('amount', wanted, 'refundable', refundable));
  end if;

  acc := credits_catch_up(acc);
  acc := credits_write_transaction(acc, 'USAGE_REFUND', 'refund', wanted, p_key, spend.source,
    p_related_seq => p_spend_seq, p_requested => p_amount);
  for part in
    select lot_seq, least(unreturned, wanted - (upto - unreturned))::bigint as back
    from (
      select lot_seq, unreturned, row_number() over back as nth,
        sum(unreturned) over (back rows unbounded preceding) as upto
      from (
        select a.lot_seq, sum(a.amount) as unreturned
        from credit_allocation a
        where a.user_id = p_user and a.transaction_seq in (
          select p_spend_seq union all
          select seq from credit_transaction
          where user_id = p_user and related_seq = p_spend_seq and type = 'USAGE_REFUND')
        group by a.lot_seq
        having sum(a.amount) > 0
      ) drawn
      join credit_lot l on l.user_id = p_user and l.seq = drawn.lot_seq
      window back as (
        order by l.priority desc, l.expires_at desc nulls first, l.paid desc, l.granted_at desc, l.seq desc)
    ) parts
    where upto - unreturned < wanted
    order by nth
  loop
    insert into credit_allocation (user_id, lot_seq, amount, transaction_seq, from_at, to_at)
    values (p_user, part.lot_seq, -part.back, acc.version, acc.as_of, 'infinity');
    acc := credits_put_on_lot(acc, part.lot_seq, part.back, acc.as_of);
  end loop;
  acc := credits_book_expired(acc, acc.as_of, acc.as_of);
  perform credits_save_account(acc);
  return credits_booking(credits_find_by_key(p_user, p_key), false);
end
$$;
