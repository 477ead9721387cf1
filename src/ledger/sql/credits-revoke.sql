-- credits_revoke: takes back credits whose payment was refunded or disputed: first from that
-- purchase's lots, then from others in burn order; what is spent already becomes debt. Locks the
-- account. One revocation for a key.
create or replace function credits_revoke(
  p_user text, p_key text, p_amount bigint, p_source text, p_now timestamptz,
  p_reversal_id text default null
) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  acc credit_account;
  tx credit_transaction;
  in_lots bigint;
begin
  perform credits_check_amount(p_amount);
  acc := credits_lock_account(p_user, p_now);
  tx := credits_find_by_key(p_user, p_key);
  if tx.seq is not null then
    if (tx.operation, tx.amount, tx.source) is distinct from ('revoke'::credit_operation, -p_amount, p_source) then
      perform credits_conflict(p_key);
    end if;
    return credits_booking(tx, true);
  end if;
  acc := credits_catch_up(acc);
  in_lots := least(p_amount, acc.balance + acc.debt);
  acc := credits_write_transaction(acc, 'REVOKE', 'revoke', -p_amount, p_key, p_source,
    p_debt_made => p_amount - in_lots, p_reversal_id => p_reversal_id);
  if in_lots > 0 then
    perform credits_draw(p_user, in_lots, acc.version, null, acc.as_of, 'infinity', p_source);
  end if;
  acc.debt := acc.debt + p_amount - in_lots;
  acc.balance := acc.balance - p_amount;
  perform credits_save_account(acc);
  return credits_booking(credits_find_by_key(p_user, p_key), false);
end
$$;
