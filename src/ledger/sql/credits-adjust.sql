-- credits_adjust: an admin's correction, up (a lot, with an expiry if given) or down (drawn in burn
-- order, refused beyond the balance, allowed on a frozen account). Locks the account.
create or replace function credits_adjust(
  p_user text, p_key text, p_amount bigint, p_source text, p_expires_at timestamptz, p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  acc credit_account;
  tx credit_transaction;
begin
  if p_amount < 0 then
    return credits_debit(p_user, p_key, -p_amount, 'ADMIN_ADJUST', 'adjust', p_source, false, p_now);
  end if;
  perform credits_check_amount(p_amount);
  acc := credits_lock_account(p_user, p_now, true);
  tx := credits_find_by_key(p_user, p_key);
  if tx.seq is not null then
    if (tx.operation, tx.amount, tx.source) is distinct from ('adjust'::credit_operation, p_amount, p_source) then
      perform credits_conflict(p_key);
    end if;
    return credits_booking(tx, true);
  end if;
  acc := credits_catch_up(acc);
  acc := credits_put_grant(acc, 'ADMIN_ADJUST', 'adjust', p_amount, p_key, p_source, p_expires_at, false, 0);
  perform credits_save_account(acc);
  return credits_booking(credits_find_by_key(p_user, p_key), false);
end
$$;
