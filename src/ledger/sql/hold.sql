-- Holds: credits reserved for work in progress, then captured or released.

-- credits_hold: reserves credits until the hold's own expiry at the latest. Books no transaction: the
-- credits still belong to the user. One hold for each key. If the account's time is ahead of `now`, the
-- expiry moves by the difference: the hold lasts as long as requested. `service` and `feature` say who
-- holds by the API and for what. Locks the account and the limits that apply. Raises
-- InsufficientCredits, SpendLimitExceeded, AccountFrozen, IdempotencyConflict, InvalidAmount,
-- InvalidExpiry and CreditAccountNotFound.
create or replace function credits_hold(
  p_user text, p_key text, p_amount bigint, p_source text, p_expires_at timestamptz, p_now timestamptz,
  p_service text default null, p_feature text default null
) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  acc credit_account;
  hold credit_hold;
  lapses_at timestamptz;
begin
  perform credits_check_amount(p_amount);
  acc := credits_lock_account(p_user, p_now);
  select * into hold from credit_hold where user_id = p_user and key = p_key;
  if found then
    hold := credits_hold_as_made(hold);
    if (hold.amount, hold.source, hold.feature) is distinct from (p_amount, p_source, p_feature) then
      perform credits_conflict(p_key);
    end if;
    return credits_with_limit(credits_hold_result(hold, true), p_user, p_service, acc.as_of);
  end if;
  if (credits_find_by_key(p_user, p_key)).seq is not null then
    perform credits_conflict(p_key);
  end if;
  perform credits_require_not_frozen(acc);
  if p_expires_at is null or p_expires_at <= p_now then
    perform credits_raise('QF011', 'A hold must expire in the future.');
  end if;
  lapses_at := credits_later_by(p_expires_at, acc.as_of - p_now);
  acc := credits_catch_up(acc, p_service);
  perform credits_require(acc, p_amount);
  perform credits_count_spend(p_user, p_service, p_amount, acc.as_of);
  insert into credit_hold (user_id, key, amount, source, service_id, feature, held_at, expires_at)
  values (p_user, p_key, p_amount, p_source, p_service, p_feature, acc.as_of, lapses_at)
  returning * into hold;
  acc.last_allocation := credits_draw(
    p_user, p_amount, acc.last_allocation, null, p_key, acc.as_of, lapses_at);
  acc.balance := acc.balance - p_amount;
  acc.held := acc.held + p_amount;
  perform credits_save_account(acc);
  return credits_with_limit(credits_hold_result(hold, false), p_user, p_service, acc.as_of);
end
$$;

-- credits_extend: holds `amount` more credits for an open hold (0: none) and moves its expiry to
-- `expires_at` (null: unchanged). An expiry is never moved to an earlier instant. What is added counts in
-- the window in which the hold was made. One extension for each key. Locks the account and the limits that
-- apply. Raises HoldNotFound, HoldClosed, HoldLapsed, InsufficientCredits, SpendLimitExceeded,
-- AccountFrozen if credits are added, IdempotencyConflict, InvalidAmount, InvalidExpiry and
-- CreditAccountNotFound.
create or replace function credits_extend(
  p_user text, p_hold_key text, p_key text, p_amount bigint, p_expires_at timestamptz, p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  acc credit_account;
  hold credit_hold;
  extension credit_hold_extension;
begin
  acc := credits_lock_account(p_user, p_now);
  select * into hold from credit_hold where user_id = p_user and key = p_hold_key;
  select * into extension from credit_hold_extension where user_id = p_user and key = p_key;
  if found then
    if (extension.hold_key, extension.amount) is distinct from (p_hold_key, p_amount) then
      perform credits_conflict(p_key);
    end if;
    return credits_with_limit(
      credits_extension_result(extension, true), p_user, hold.service_id, acc.as_of);
  end if;
  if (credits_find_by_key(p_user, p_key)).seq is not null then
    perform credits_conflict(p_key);
  end if;
  perform credits_require_open(hold);
  perform credits_require_not_lapsed(hold, acc.as_of);
  if p_amount <> 0 or p_expires_at is null then
    perform credits_check_amount(p_amount);
    perform credits_require_not_frozen(acc);
  end if;
  if p_expires_at <= p_now then
    perform credits_raise('QF011', 'A hold must expire in the future.');
  end if;

  acc := credits_catch_up(acc, hold.service_id);
  if p_amount > 0 then
    perform credits_require(acc, p_amount);
    perform credits_count_spend(p_user, hold.service_id, p_amount, hold.held_at);
  end if;
  insert into credit_hold_extension (
    user_id, key, hold_key, amount, expired_at, expires_at, extended_at
  ) values (
    p_user, p_key, p_hold_key, p_amount, hold.expires_at,
    greatest(hold.expires_at, credits_later_by(p_expires_at, acc.as_of - p_now)), acc.as_of
  ) returning * into extension;
  if p_amount > 0 then
    acc.last_allocation := credits_draw(
      p_user, p_amount, acc.last_allocation, null, p_hold_key, acc.as_of, extension.expires_at);
    acc.balance := acc.balance - p_amount;
    acc.held := acc.held + p_amount;
  end if;
  update credit_hold set amount = amount + p_amount, expires_at = extension.expires_at
  where user_id = p_user and key = p_hold_key;
  if extension.expires_at > hold.expires_at then
    update credit_allocation set to_at = extension.expires_at
    where user_id = p_user and hold_key = p_hold_key and to_at < extension.expires_at;
  end if;
  perform credits_save_account(acc);
  return credits_with_limit(
    credits_extension_result(extension, false), p_user, hold.service_id, acc.as_of);
end
$$;

-- credits_capture: spends a hold, or its first `amount` credits in burn order, and releases the
-- remainder. A lot that expired during the hold is still captured. One capture for each key and hold.
-- Locks the account. Raises HoldNotFound, HoldClosed, HoldLapsed, InvalidAmount, IdempotencyConflict
-- and CreditAccountNotFound.
create or replace function credits_capture(
  p_user text, p_hold_key text, p_key text, p_amount bigint, p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  acc credit_account;
  hold credit_hold;
  wanted bigint;
  booking jsonb;
  parts integer;
begin
  acc := credits_lock_account(p_user, p_now);
  select * into hold from credit_hold where user_id = p_user and key = p_hold_key;
  wanted := coalesce(p_amount, hold.amount);
  booking := credits_replay(p_user, p_key, 'capture', -wanted, hold.source, p_feature => hold.feature);
  if booking is not null then
    if hold.capture_seq is distinct from (booking ->> 'seq')::bigint then
      perform credits_conflict(p_key);
    end if;
    return credits_with_limit(booking, p_user, hold.service_id, acc.as_of);
  end if;
  perform credits_require_open(hold);
  perform credits_require_not_lapsed(hold, acc.as_of);
  perform credits_check_amount(wanted);
  if wanted > hold.amount then
    perform credits_raise('QF008', 'More than was held can''t be captured.',
      jsonb_build_object('amount', wanted, 'held', hold.amount));
  end if;

  acc := credits_catch_up(acc, hold.service_id);
  acc := credits_write_transaction(acc, 'USAGE', 'capture', -wanted, p_key, hold.source,
    p_service => hold.service_id, p_feature => hold.feature, p_counted_at => hold.held_at);
  booking := credits_booking(
    acc.version, 'USAGE', -wanted, acc.balance + acc.held - wanted, acc.as_of, false);
  update credit_hold
  set status = 'captured', captured = wanted, capture_seq = acc.version, closed_at = acc.as_of
  where user_id = p_user and key = p_hold_key;
  insert into credit_allocation (user_id, number, lot_seq, amount, transaction_seq, from_at, to_at)
  select p_user, acc.last_allocation + row_number() over (order by p.number), p.lot_seq,
    least(p.amount, wanted - (p.upto - p.amount)), acc.version, acc.as_of, 'infinity'
  from credits_hold_parts(p_user, p_hold_key) p
  where p.upto - p.amount < wanted;
  get diagnostics parts = row_count;
  acc.last_allocation := acc.last_allocation + parts;
  acc.held := acc.held - wanted;
  acc := credits_return_hold(acc, hold, wanted, acc.as_of);
  perform credits_uncount_spend(p_user, hold.service_id, hold.amount - wanted, hold.held_at);
  perform credits_save_account(acc);
  return credits_with_limit(booking, p_user, hold.service_id, acc.as_of);
end
$$;

-- credits_release: returns a hold's credits to their lots. Credits returned to an expired lot expire at
-- once. For a lapsed hold it returns `released: 0` instead of an error and uses no key. Locks
-- the account. Raises HoldNotFound, HoldClosed, IdempotencyConflict and CreditAccountNotFound.
create or replace function credits_release(
  p_user text, p_hold_key text, p_key text, p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  acc credit_account;
  hold credit_hold;
begin
  acc := credits_lock_account(p_user, p_now);
  select * into hold from credit_hold where user_id = p_user and key = p_hold_key;
  if hold.status = 'released' and hold.release_key = p_key then
    return credits_with_limit(
      jsonb_build_object('released', hold.amount, 'status', 'released', 'replayed', true),
      p_user, hold.service_id, acc.as_of);
  end if;
  if (credits_find_by_key(p_user, p_key)).seq is not null then
    perform credits_conflict(p_key);
  end if;
  perform credits_require_open(hold);
  acc := credits_catch_up(acc, hold.service_id);
  if hold.status = 'lapsed' or hold.expires_at <= acc.as_of then
    perform credits_save_account(acc);
    return credits_with_limit(
      jsonb_build_object('released', 0, 'status', 'lapsed', 'replayed', false),
      p_user, hold.service_id, acc.as_of);
  end if;
  update credit_hold set status = 'released', release_key = p_key, closed_at = acc.as_of
  where user_id = p_user and key = p_hold_key;
  acc := credits_return_hold(acc, hold, 0, acc.as_of);
  perform credits_uncount_spend(p_user, hold.service_id, hold.amount, hold.held_at);
  perform credits_save_account(acc);
  return credits_with_limit(
    jsonb_build_object('released', hold.amount, 'status', 'released', 'replayed', false),
    p_user, hold.service_id, acc.as_of);
end
$$;

-- credits_require_open: raises HoldNotFound if there is no hold, HoldClosed if it was captured or
-- released. A lapsed hold passes.
create or replace function credits_require_open(hold credit_hold)
returns void language plpgsql as $$
begin
  if hold.key is null then
    perform credits_raise('QF005', 'The hold does not exist.');
  end if;
  if hold.status in ('captured', 'released') then
    perform credits_raise('QF006', 'The hold is closed.', jsonb_build_object('status', hold.status));
  end if;
end
$$;

-- credits_require_not_lapsed: raises HoldLapsed, whether or not the lapse is booked.
create or replace function credits_require_not_lapsed(hold credit_hold, p_at timestamptz)
returns void language plpgsql as $$
begin
  if hold.status = 'lapsed' or hold.expires_at <= p_at then
    perform credits_raise('QF007', 'This hold has lapsed; its credits are available again.');
  end if;
end
$$;

-- credits_hold_as_made: a hold with the amount and the expiry that it had before its extensions.
create or replace function credits_hold_as_made(hold credit_hold)
returns credit_hold language plpgsql stable as $$
begin
  select hold.amount - coalesce(sum(e.amount), 0), coalesce(min(e.expired_at), hold.expires_at)
  into hold.amount, hold.expires_at
  from credit_hold_extension e where e.user_id = hold.user_id and e.hold_key = hold.key;
  return hold;
end
$$;

-- credits_extension_result: the result of credits_extend. `amount` is what the extension added.
create or replace function credits_extension_result(extension credit_hold_extension, p_replayed boolean)
returns jsonb language sql stable as $$
  select jsonb_build_object(
    'key', extension.key, 'amount', extension.amount, 'extendedAt', credits_iso(extension.extended_at),
    'expiresAt', credits_iso(extension.expires_at), 'replayed', p_replayed)
$$;

-- credits_hold_result: the result of credits_hold.
create or replace function credits_hold_result(hold credit_hold, p_replayed boolean)
returns jsonb language sql stable as $$
  select jsonb_build_object(
    'key', hold.key, 'amount', hold.amount, 'heldAt', credits_iso(hold.held_at),
    'expiresAt', credits_iso(hold.expires_at), 'replayed', p_replayed)
$$;
