-- credits_put_grant(acc, …): books a grant and its lot on a locked account that has caught up. A
-- restoration's lot is of the type of the one it stands for (`p_lot_type`).
create or replace function credits_put_grant(
  acc credit_account, p_type credit_type, p_operation credit_operation, p_amount bigint, p_key text,
  p_source text, p_expires_at timestamptz, p_paid boolean, p_priority integer,
  p_related_seq bigint default null, p_requested bigint default null,
  p_lot_type credit_type default null, p_period_number integer default null
) returns credit_account language plpgsql as $$
declare
  rest bigint := p_amount - least(acc.debt, p_amount);
begin
  if p_expires_at <= acc.as_of then
    perform credits_raise('QF011', 'Credits can''t be granted with an expiry that has passed.');
  end if;
  acc := credits_write_transaction(acc, p_type, p_operation, p_amount, p_key, p_source,
    p_related_seq => p_related_seq, p_requested => p_requested);
  acc := credits_settle_debt(acc, acc.version, p_amount, acc.as_of);
  insert into credit_lot (
    user_id, seq, type, source, amount, remaining, priority, paid, granted_at, expires_at, period_number
  ) values (
    acc.user_id, acc.version, coalesce(p_lot_type, p_type), p_source, p_amount, rest, p_priority, p_paid,
    acc.as_of, p_expires_at, p_period_number
  );
  acc.balance := acc.balance + rest;
  return acc;
end
$$;

-- credits_grant: adds a lot of credits. Locks the account (made when there is none). Promises one
-- grant for a key for ever; debt is settled first; expiry is booked before the grant.
create or replace function credits_grant(
  p_user text, p_key text, p_amount bigint, p_type credit_type, p_source text,
  p_expires_at timestamptz, p_paid boolean, p_priority integer, p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  acc credit_account;
  tx credit_transaction;
begin
  perform credits_check_amount(p_amount);
  acc := credits_lock_account(p_user, p_now, true);
  tx := credits_find_by_key(p_user, p_key);
  if tx.seq is not null then
    if (tx.operation, tx.amount, tx.source) is distinct from ('grant'::credit_operation, p_amount, p_source) then
      perform credits_conflict(p_key);
    end if;
    return credits_booking(tx, true);
  end if;
  acc := credits_catch_up(acc);
  acc := credits_put_grant(acc, p_type, 'grant', p_amount, p_key, p_source, p_expires_at, p_paid, p_priority);
  perform credits_save_account(acc);
  return credits_booking(credits_find_by_key(p_user, p_key), false);
end
$$;
