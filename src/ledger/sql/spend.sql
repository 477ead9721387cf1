-- Spends: debits that users make.

-- credits_spend: takes credits in burn order. `service` and `feature` say who spends through the API and on
-- what, `usage` how much was used. Locks the account and the limits that apply. Raises InsufficientCredits if the balance at `now`
-- is too small, SpendLimitExceeded, AccountFrozen, IdempotencyConflict, InvalidAmount and
-- CreditAccountNotFound.
create or replace function credits_spend(
  p_user text, p_key text, p_amount bigint, p_source text, p_now timestamptz,
  p_service text default null, p_feature text default null, p_usage jsonb default null
) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
begin
  return credits_debit(p_user, p_key, p_amount, 'USAGE', 'spend', p_source, true, p_now, p_service, p_feature,
    p_usage);
end
$$;

-- credits_debit: a spend, or an admin's negative adjustment, which a frozen account permits.
--
-- The most frequent write, so its common path is spelled out here in as few statements as possible. The
-- functions that other writes share are called only when the account is missing, the key is known,
-- holds or lots are overdue, or the first lot is too small. Passing the account's row between functions
-- cost a quarter of a spend (dev/bench/spend.ts).
create or replace function credits_debit(
  p_user text, p_key text, p_amount bigint, p_type credit_type, p_operation credit_operation,
  p_source text, p_refuse_frozen boolean, p_now timestamptz,
  p_service text default null, p_feature text default null, p_usage jsonb default null
) returns jsonb language plpgsql as $$
declare
  acc credit_account;
  is_key_taken boolean;
  is_behind boolean;
  is_limited boolean;
  booking jsonb;
  first_lot bigint;
  first_remaining bigint;
begin
  perform credits_check_amount(p_amount);
  select * into acc from credit_account where user_id = p_user for update;
  if not found then
    acc := credits_lock_account(p_user, p_now); -- raises
  end if;
  acc.as_of := greatest(acc.as_of, p_now);
  -- A separate statement after the lock: it must see what the lock's last holder committed.
  select
    coalesce(p_key, '') = ''
      or exists (select from credit_transaction where user_id = p_user and idempotency_key = p_key)
      or exists (select from credit_hold where user_id = p_user and key = p_key)
      or exists (select from credit_hold where user_id = p_user and release_key = p_key)
      or exists (select from credit_hold_extension where user_id = p_user and key = p_key),
    exists (select from credit_lot where user_id = p_user and is_open and expires_at <= acc.as_of),
    p_service is not null or exists (select from spend_limit where user_id = p_user)
  into is_key_taken, is_behind, is_limited;
  is_limited := is_limited and p_operation = 'spend';
  if is_key_taken then
    booking := credits_replay(p_user, p_key, p_operation, -p_amount, p_source, p_feature => p_feature,
      p_usage => p_usage);
    return case when is_limited then credits_with_limit(booking, p_user, p_service, acc.as_of) else booking end;
  end if;
  if p_refuse_frozen and acc.frozen_at is not null then
    perform credits_require_not_frozen(acc);
  end if;
  if is_behind or acc.held > 0 then
    acc := credits_catch_up(acc, p_service);
  end if;
  if acc.balance < p_amount then
    perform credits_require(acc, p_amount);
  end if;
  if is_limited then
    perform credits_count_spend(p_user, p_service, p_amount, acc.as_of);
  end if;

  acc.version := acc.version + 1;
  acc.balance := acc.balance - p_amount;
  insert into credit_transaction (
    user_id, seq, type, operation, amount, balance_after, idempotency_key, source, service_id, feature,
    usage, booked_at, effective_at
  ) values (
    p_user, acc.version, p_type, p_operation, -p_amount, acc.balance + acc.held,
    p_key, p_source, p_service, p_feature, p_usage, acc.as_of, acc.as_of
  );
  -- Most debits fit in the first lot and need no cursor.
  select seq, remaining into first_lot, first_remaining
  from credits_lots_in_burn_order(p_user) where is_open limit 1;
  if first_remaining >= p_amount then
    update credit_lot set remaining = remaining - p_amount where user_id = p_user and seq = first_lot;
    acc.last_allocation := acc.last_allocation + 1;
    insert into credit_allocation (user_id, number, lot_seq, amount, transaction_seq, from_at, to_at)
    values (p_user, acc.last_allocation, first_lot, p_amount, acc.version, acc.as_of, 'infinity');
  else
    acc.last_allocation := credits_draw(
      p_user, p_amount, acc.last_allocation, acc.version, null, acc.as_of, 'infinity');
  end if;
  update credit_account
  set balance = acc.balance, held = acc.held, debt = acc.debt, version = acc.version, as_of = acc.as_of,
    last_allocation = acc.last_allocation, last_settlement = acc.last_settlement
  where user_id = p_user;
  booking := credits_booking(acc.version, p_type, -p_amount, acc.balance + acc.held, acc.as_of, false);
  return case when is_limited then credits_with_limit(booking, p_user, p_service, acc.as_of) else booking end;
end
$$;
