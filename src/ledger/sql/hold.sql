-- Holds: credits reserved for work in progress, then captured or released, and what captures could not
-- charge.

-- credits_hold: reserves credits until the hold's own expiry at the latest. Books no transaction: the
-- credits still belong to the user. One hold for each key. If the account's time is ahead of `now`, the
-- expiry moves by the difference: the hold lasts as long as requested. `service` and `feature` say who
-- holds and for what, `usage` what is expected to be used. `rate`, `overrun` and `debt_limit` are kept for
-- the capture. Locks the account and the limits that apply. Raises InsufficientCredits,
-- SpendLimitExceeded, AccountFrozen, IdempotencyConflict, InvalidAmount, InvalidExpiry and
-- CreditAccountNotFound.
create or replace function credits_hold(
  p_user text, p_key text, p_amount bigint, p_source text, p_expires_at timestamptz, p_now timestamptz,
  p_service text default null, p_feature text default null, p_usage jsonb default null,
  p_rate jsonb default null, p_overrun credit_overrun default null, p_debt_limit bigint default null
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
    -- The site's holds did not name a feature at first.
    if hold.service_id is null then
      hold.feature := coalesce(hold.feature, p_feature);
    end if;
    if (hold.amount, hold.source, hold.feature, hold.usage)
      is distinct from (p_amount, p_source, p_feature, p_usage) then
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
  insert into credit_hold (
    user_id, key, amount, source, service_id, feature, usage, rate, overrun, debt_limit, held_at, expires_at
  ) values (
    p_user, p_key, p_amount, p_source, p_service, p_feature, p_usage, p_rate, p_overrun, p_debt_limit,
    acc.as_of, lapses_at
  ) returning * into hold;
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
  p_user text, p_hold_key text, p_key text, p_amount bigint, p_expires_at timestamptz, p_now timestamptz,
  p_usage jsonb default null
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
    if (extension.hold_key, extension.amount, extension.usage)
      is distinct from (p_hold_key, p_amount, p_usage) then
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
    user_id, key, hold_key, amount, usage, expired_at, expires_at, extended_at
  ) values (
    p_user, p_key, p_hold_key, p_amount, p_usage, hold.expires_at,
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

-- credits_capture: spends a hold, or its first `amount` credits in the order in which they were drawn, and
-- releases the remainder. A lot that expired during the hold is still captured. One capture for each key
-- and hold. `usage` says what was used.
--
-- Above the hold and after its lapse the hold's overrun policy decides (docs/decisions/0091). Null:
-- InvalidAmount and HoldLapsed. Otherwise nothing is refused: `refuse` and `cap` charge at most the amount
-- of the hold, and `charge` everything. What the hold does not reserve is taken from the balance and, with
-- `charge`, up to the debt limit into debt. It stops at the spending limits of the window in which the
-- hold was made, and at a frozen account. What is not charged becomes a row of credit_unbilled. If nothing
-- can be charged, no transaction is booked and `seq` is null.
--
-- Locks the account and the limits that apply. Raises HoldNotFound, HoldClosed, HoldLapsed, InvalidAmount,
-- IdempotencyConflict and CreditAccountNotFound.
create or replace function credits_capture(
  p_user text, p_hold_key text, p_key text, p_amount bigint, p_now timestamptz, p_usage jsonb default null
) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  acc credit_account;
  hold credit_hold;
  owed credit_unbilled;
  wanted bigint;
  from_hold bigint := 0;
  beyond bigint;
  within_limits bigint;
  drawn bigint := 0;
  debt_made bigint := 0;
  charged bigint;
  booking jsonb;
  parts integer;
begin
  acc := credits_lock_account(p_user, p_now);
  select * into hold from credit_hold where user_id = p_user and key = p_hold_key;
  wanted := coalesce(p_amount, hold.amount);
  booking := credits_replay_capture(p_user, hold, p_key, wanted, p_usage);
  if booking is not null then
    return credits_with_limit(booking, p_user, hold.service_id, acc.as_of);
  end if;
  perform credits_require_open(hold);
  if hold.overrun is null then
    perform credits_require_not_lapsed(hold, acc.as_of);
  end if;
  perform credits_check_amount(wanted);
  if hold.overrun is null and wanted > hold.amount then
    perform credits_raise('QF008', 'More than was held can''t be captured.',
      jsonb_build_object('amount', wanted, 'held', hold.amount));
  end if;

  acc := credits_catch_up(acc, hold.service_id);
  charged := case when hold.overrun = 'charge' then wanted else least(wanted, hold.amount) end;
  if hold.status = 'open' and hold.expires_at > acc.as_of then
    from_hold := least(charged, hold.amount);
  end if;
  beyond := charged - from_hold;
  if beyond > 0 then
    within_limits := case when acc.frozen_at is not null then 0
      else least(beyond, credits_remaining_in_limits(p_user, hold.service_id, hold.held_at)) end;
    drawn := least(within_limits, greatest(acc.balance, 0));
    if hold.overrun = 'charge' then
      debt_made := least(within_limits - drawn, greatest(coalesce(hold.debt_limit, 0) - acc.debt, 0));
    end if;
    charged := from_hold + drawn + debt_made;
    if drawn + debt_made > 0 then
      perform credits_count_spend(p_user, hold.service_id, drawn + debt_made, hold.held_at);
    end if;
  end if;
  if charged < wanted then
    insert into credit_unbilled (
      user_id, key, hold_key, service_id, feature, usage, overrun, requested, amount, reason, capture_seq,
      balance_after, at
    ) values (
      p_user, p_key, p_hold_key, hold.service_id, hold.feature, p_usage, hold.overrun, wanted,
      wanted - charged,
      case
        when beyond = drawn + debt_made then 'overrun_policy'
        when acc.frozen_at is not null then 'account_frozen'
        when within_limits = drawn + debt_made then 'spend_limit'
        when coalesce(hold.debt_limit, 0) > 0 then 'debt_limit'
        else 'balance'
      end::unbilled_reason,
      case when charged > 0 then acc.version + 1 end, acc.balance + acc.held - charged, acc.as_of
    ) returning * into owed;
  end if;
  booking := credits_booking(case when charged > 0 then acc.version + 1 end, 'USAGE', -charged,
    acc.balance + acc.held - charged, acc.as_of, false) || credits_unbilled_field(owed);

  update credit_hold
  set status = 'captured', captured = charged, closed_at = acc.as_of,
    capture_seq = case when charged > 0 then acc.version + 1 end,
    release_key = case when charged = 0 then p_key end
  where user_id = p_user and key = p_hold_key;
  if charged > 0 then
    acc := credits_write_transaction(acc, 'USAGE', 'capture', -charged, p_key, hold.source,
      p_requested => case when charged < wanted then wanted end,
      p_debt_made => nullif(debt_made, 0), p_service => hold.service_id, p_feature => hold.feature,
      p_counted_at => hold.held_at, p_usage => p_usage);
  end if;
  if from_hold > 0 then
    insert into credit_allocation (user_id, number, lot_seq, amount, transaction_seq, from_at, to_at)
    select p_user, acc.last_allocation + row_number() over (order by p.number), p.lot_seq,
      least(p.amount, from_hold - (p.upto - p.amount)), acc.version, acc.as_of, 'infinity'
    from credits_hold_parts(p_user, p_hold_key) p
    where p.upto - p.amount < from_hold;
    get diagnostics parts = row_count;
    acc.last_allocation := acc.last_allocation + parts;
    acc.held := acc.held - from_hold;
    acc := credits_return_hold(acc, hold, from_hold, acc.as_of);
    perform credits_uncount_spend(p_user, hold.service_id, hold.amount - from_hold, hold.held_at);
  end if;
  if drawn > 0 then
    acc.last_allocation := credits_draw(
      p_user, drawn, acc.last_allocation, acc.version, null, acc.as_of, 'infinity');
  end if;
  acc.balance := acc.balance - drawn - debt_made;
  acc.debt := acc.debt + debt_made;
  perform credits_save_account(acc);
  return credits_with_limit(booking, p_user, hold.service_id, acc.as_of);
end
$$;

-- credits_replay_capture: the original result of a capture's key, null for a new key. A request is the
-- hold, the amount and the use. Raises IdempotencyConflict.
create or replace function credits_replay_capture(
  p_user text, hold credit_hold, p_key text, p_wanted bigint, p_usage jsonb
) returns jsonb language plpgsql as $$
declare
  tx credit_transaction;
  owed credit_unbilled;
begin
  select * into owed from credit_unbilled where user_id = p_user and key = p_key;
  if hold.status = 'captured' and hold.release_key = p_key then
    if (owed.requested, owed.usage) is distinct from (p_wanted, p_usage) then
      perform credits_conflict(p_key);
    end if;
    return credits_booking(null, 'USAGE', 0, owed.balance_after, owed.at, true) || credits_unbilled_field(owed);
  end if;
  tx := credits_find_by_key(p_user, p_key);
  if tx.seq is null then
    return null;
  end if;
  if (tx.seq, coalesce(tx.requested, -tx.amount), tx.usage)
    is distinct from (hold.capture_seq, p_wanted, p_usage) then
    perform credits_conflict(p_key);
  end if;
  return credits_booking(tx.seq, tx.type, tx.amount, tx.balance_after, tx.booked_at, true)
    || credits_unbilled_field(owed);
end
$$;

-- credits_unbilled_field: the field of a capture's result that says what was not charged.
create or replace function credits_unbilled_field(owed credit_unbilled)
returns jsonb language sql immutable as $$
  select case when owed.key is null then '{}' else jsonb_build_object('unbilled', jsonb_build_object(
    'amount', owed.amount, 'requested', owed.requested, 'reason', owed.reason, 'overrun', owed.overrun)) end
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
