-- Grants: credits added as a lot.

-- credits_grant: adds a lot of credits. Settles debt first. Creates the account if there is none, and
-- locks it. Raises IdempotencyConflict, InvalidAmount and InvalidExpiry.
create or replace function credits_grant(
  p_user text, p_key text, p_amount bigint, p_type credit_type, p_source text,
  p_expires_at timestamptz, p_paid boolean, p_priority integer, p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  begun record;
  acc credit_account;
begin
  perform credits_check_amount(p_amount);
  select * into begun from credits_begin_write(p_user, p_key, 'grant', p_amount, p_source, p_now, true);
  if begun.replay is not null then
    return begun.replay;
  end if;
  acc := credits_catch_up(begun.acc);
  acc := credits_put_grant(acc, p_type, 'grant', p_amount, p_key, p_source, p_expires_at, p_paid, p_priority);
  perform credits_save_account(acc);
  return credits_booking(acc.version, p_type, p_amount, acc.balance + acc.held, acc.as_of, false);
end
$$;

-- credits_adjust: an admin's correction. A positive amount is granted as a lot; a negative one is drawn
-- in burn order, also from a frozen account. Locks the account. Raises InsufficientCredits,
-- IdempotencyConflict, InvalidAmount and InvalidExpiry.
create or replace function credits_adjust(
  p_user text, p_key text, p_amount bigint, p_source text, p_expires_at timestamptz, p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  begun record;
  acc credit_account;
begin
  if p_amount < 0 then
    return credits_debit(p_user, p_key, -p_amount, 'ADMIN_ADJUST', 'adjust', p_source, false, p_now);
  end if;
  perform credits_check_amount(p_amount);
  select * into begun from credits_begin_write(p_user, p_key, 'adjust', p_amount, p_source, p_now, true);
  if begun.replay is not null then
    return begun.replay;
  end if;
  acc := credits_catch_up(begun.acc);
  acc := credits_put_grant(acc, 'ADMIN_ADJUST', 'adjust', p_amount, p_key, p_source, p_expires_at, false, 0);
  perform credits_save_account(acc);
  return credits_booking(acc.version, 'ADMIN_ADJUST', p_amount, acc.balance + acc.held, acc.as_of, false);
end
$$;

-- credits_put_grant: books a grant and its lot on a locked account that has caught up. Settles debt
-- first. `lot_type` and `lot_source` are the lot's where they differ from the transaction's: a restored
-- lot keeps those of the lot it replaces. Raises InvalidExpiry.
create or replace function credits_put_grant(
  acc credit_account, p_type credit_type, p_operation credit_operation, p_amount bigint, p_key text,
  p_source text, p_expires_at timestamptz, p_paid boolean, p_priority integer,
  p_related_seq bigint default null, p_requested bigint default null,
  p_lot_type credit_type default null, p_period_number integer default null, p_lot_source text default null
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
    acc.user_id, acc.version, coalesce(p_lot_type, p_type), coalesce(p_lot_source, p_source), p_amount, rest,
    p_priority, p_paid, acc.as_of, p_expires_at, p_period_number
  );
  acc.balance := acc.balance + rest;
  return acc;
end
$$;
