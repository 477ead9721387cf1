-- credits_spend: takes credits for good, from what expires first. Locks the account. Refuses when
-- the balance true at `now` is too small, or the account is frozen. One spend for a key for ever.
create or replace function credits_spend(
  p_user text, p_key text, p_amount bigint, p_source text, p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
begin
  return credits_debit(p_user, p_key, p_amount, 'USAGE', 'spend', p_source, true, p_now);
end
$$;

-- credits_debit: a spend or an admin's negative adjustment (which a frozen account still takes).
create or replace function credits_debit(
  p_user text, p_key text, p_amount bigint, p_type credit_type, p_operation credit_operation,
  p_source text, p_refuse_frozen boolean, p_now timestamptz
) returns jsonb language plpgsql as $$
declare
  acc credit_account;
  tx credit_transaction;
begin
  perform credits_check_amount(p_amount);
  acc := credits_lock_account(p_user, p_now);
  tx := credits_find_by_key(p_user, p_key);
  if tx.seq is not null then
    if (tx.operation, tx.amount, tx.source) is distinct from (p_operation, -p_amount, p_source) then
      perform credits_conflict(p_key);
    end if;
    return credits_booking(tx, true);
  end if;
  if p_refuse_frozen then
    perform credits_require_not_frozen(acc);
  end if;
  acc := credits_catch_up(acc);
  perform credits_require(acc, p_amount);
  acc := credits_write_transaction(acc, p_type, p_operation, -p_amount, p_key, p_source);
  acc.balance := acc.balance - credits_draw(p_user, p_amount, acc.version, null, acc.as_of, 'infinity');
  perform credits_save_account(acc);
  -- The row just written, from what is at hand: reading it again would be a tenth of a spend.
  tx.seq := acc.version;
  tx.type := p_type;
  tx.amount := -p_amount;
  tx.balance_after := acc.balance + acc.held;
  tx.booked_at := acc.as_of;
  return credits_booking(tx, false);
end
$$;
