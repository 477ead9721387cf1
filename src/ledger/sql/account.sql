-- The account: its lock, the idempotency key of a write, the rows that every write appends, and the
-- opening of a new account.

-- credits_begin_write: how every write begins. Locks the account's row, the first of all locks, and
-- looks the key up. Returns the account with `as_of` moved up to now and, if the key was used for the
-- same request, the original result as `replay`.
-- Raises CreditAccountNotFound (unless `create`) and IdempotencyConflict.
create or replace function credits_begin_write(
  p_user text, p_key text, p_operation credit_operation, p_amount bigint, p_source text, p_now timestamptz,
  p_create boolean default false, p_related_seq bigint default null,
  out acc credit_account, out replay jsonb
) language plpgsql as $$
begin
  acc := credits_lock_account(p_user, p_now, p_create);
  replay := credits_replay(p_user, p_key, p_operation, p_amount, p_source, p_related_seq);
end
$$;

-- credits_lock_account: locks the account's row and returns it with `as_of` moved up to now. An
-- account's time never runs backward: a server whose clock is behind books at the latest instant
-- already booked. Raises CreditAccountNotFound unless `create`.
create or replace function credits_lock_account(
  p_user text, p_now timestamptz, p_create boolean default false
) returns credit_account language plpgsql as $$
declare
  acc credit_account;
begin
  select * into acc from credit_account where user_id = p_user for update;
  if not found then
    if not p_create then
      perform credits_raise('QF003', 'This user has no credit account.');
    end if;
    insert into credit_account (user_id, as_of) values (p_user, p_now) on conflict do nothing;
    select * into acc from credit_account where user_id = p_user for update;
  end if;
  acc.as_of := greatest(acc.as_of, p_now);
  return acc;
end
$$;

-- credits_read_instant: the instant of a read of the current state, `max(now, as_of)`: the instant at
-- which a write would happen. Every read of an account that takes "now" uses it; a read of a past
-- instant does not.
create or replace function credits_read_instant(p_user text, p_now timestamptz)
returns timestamptz language sql stable as $$
  select greatest(p_now, (select as_of from credit_account where user_id = p_user))
$$;

-- credits_replay: the original result of a key that was used for the same request, null for a new key.
-- A request is its operation, amount, source, feature and use; a refund or restoration is its operation, the
-- amount requested and the transaction it undoes. The account is locked, so that concurrent duplicates
-- serialize: one writes, the rest replay. Raises IdempotencyConflict.
create or replace function credits_replay(
  p_user text, p_key text, p_operation credit_operation, p_amount bigint, p_source text,
  p_related_seq bigint default null, p_feature text default null, p_usage jsonb default null
) returns jsonb language plpgsql as $$
declare
  tx credit_transaction := credits_find_by_key(p_user, p_key);
  is_same boolean;
begin
  if tx.seq is null then
    return null;
  end if;
  if p_related_seq is null then
    is_same := (tx.operation, tx.amount, tx.source, tx.feature, tx.usage)
      is not distinct from (p_operation, p_amount, p_source, p_feature, p_usage);
  else
    is_same := (tx.operation, tx.requested, tx.related_seq)
      is not distinct from (p_operation, p_amount, p_related_seq);
  end if;
  if not is_same then
    perform credits_conflict(p_key);
  end if;
  return credits_booking(tx.seq, tx.type, tx.amount, tx.balance_after, tx.booked_at, true);
end
$$;

-- credits_find_by_key: the transaction booked under a key; all null if there is none. Raises
-- IdempotencyConflict if the key names a hold, an extension or a release.
create or replace function credits_find_by_key(p_user text, p_key text)
returns credit_transaction language plpgsql as $$
declare
  tx credit_transaction;
begin
  if p_key is null or p_key = '' then
    perform credits_raise('QF012', 'Every credit write needs an idempotency key.');
  end if;
  select * into tx from credit_transaction where user_id = p_user and idempotency_key = p_key;
  if not found and (
    exists (select from credit_hold where user_id = p_user and key = p_key)
    or exists (select from credit_hold where user_id = p_user and release_key = p_key)
    or exists (select from credit_hold_extension where user_id = p_user and key = p_key)
  ) then
    perform credits_conflict(p_key);
  end if;
  return tx;
end
$$;

-- credits_write_transaction: appends one row to the ledger of a locked account and returns the account
-- with its next version. The caller then moves the amount on `acc`. The balance after is the running
-- sum of booked amounts, which is available + held. Raises InvalidAmount if it leaves the range of
-- exact whole numbers.
create or replace function credits_write_transaction(
  acc credit_account,
  p_type credit_type,
  p_operation credit_operation,
  p_amount bigint,
  p_key text,
  p_source text,
  p_effective timestamptz default null,
  p_lot_seq bigint default null,
  p_related_seq bigint default null,
  p_requested bigint default null,
  p_debt_made bigint default null,
  p_reversal_id text default null,
  p_service text default null,
  p_feature text default null,
  p_counted_at timestamptz default null,
  p_usage jsonb default null
) returns credit_account language plpgsql as $$
begin
  acc.version := acc.version + 1;
  if abs(acc.balance + acc.held + p_amount) > 9007199254740991 then
    perform credits_raise('QF008', 'The balance would leave the range of exact whole numbers.',
      jsonb_build_object('amount', p_amount));
  end if;
  insert into credit_transaction (
    user_id, seq, type, operation, amount, balance_after, idempotency_key, source,
    lot_seq, related_seq, requested, debt_made, reversal_id, service_id, feature, usage, counted_at,
    booked_at, effective_at
  ) values (
    acc.user_id, acc.version, p_type, p_operation, p_amount, acc.balance + acc.held + p_amount,
    p_key, p_source, p_lot_seq, p_related_seq, p_requested, p_debt_made, p_reversal_id, p_service,
    p_feature, p_usage, p_counted_at, acc.as_of, coalesce(p_effective, acc.as_of)
  );
  return acc;
end
$$;

-- credits_save_account: writes a locked account back. Written in plpgsql, like everything that a spend
-- calls: plpgsql keeps its plans, while a SQL function that can't be inlined is planned on each call.
create or replace function credits_save_account(acc credit_account)
returns void language plpgsql as $$
begin
  update credit_account
  set balance = acc.balance, held = acc.held, debt = acc.debt, version = acc.version, as_of = acc.as_of,
    last_allocation = acc.last_allocation, last_settlement = acc.last_settlement
  where user_id = acc.user_id;
end
$$;

-- credits_booking: the result of every write that books a transaction.
create or replace function credits_booking(
  p_seq bigint, p_type credit_type, p_amount bigint, p_balance_after bigint,
  p_booked_at timestamptz, p_replayed boolean
) returns jsonb language plpgsql stable as $$
begin
  return jsonb_build_object(
    'seq', p_seq, 'type', p_type, 'amount', p_amount, 'balanceAfter', p_balance_after,
    'bookedAt', credits_iso(p_booked_at), 'replayed', p_replayed);
end
$$;

-- credits_iso: an instant in ISO 8601, in UTC, to the microsecond.
create or replace function credits_iso(p_at timestamptz)
returns text language sql stable parallel safe as $$
  select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

-- credits_open_account: opens a new user's account: the sign-up gift, unless it is null, and the free
-- months from `months_from` on (null: not yet, see credits_start_free_months). Returns false if the
-- account is already open, so concurrent calls open it once. Locks the account.
create or replace function credits_open_account(
  p_user text, p_gift bigint, p_gift_expires_at timestamptz, p_monthly bigint, p_grace interval,
  p_months_from timestamptz, p_now timestamptz
) returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
declare
  acc credit_account;
begin
  acc := credits_lock_account(p_user, p_now, true);
  if acc.opened_at is not null then
    return false;
  end if;
  acc := credits_put_gift(credits_catch_up(acc), p_gift, p_gift_expires_at);
  acc := credits_start_free_months(acc, p_monthly, p_grace, p_months_from);
  perform credits_save_account(acc);
  update credit_account set opened_at = acc.as_of where user_id = p_user;
  return true;
end
$$;

-- credits_grant_withheld: grants an open account what its opening withheld: the gift, once and unless it
-- is null, and the free months from `months_from` on, unless it is null. Locks the account. Raises
-- CreditAccountNotFound and InvalidExpiry.
create or replace function credits_grant_withheld(
  p_user text, p_gift bigint, p_gift_expires_at timestamptz, p_monthly bigint, p_grace interval,
  p_months_from timestamptz, p_now timestamptz
) returns void language plpgsql security definer set search_path = public, pg_temp as $$
declare
  acc credit_account;
begin
  acc := credits_catch_up(credits_lock_account(p_user, p_now));
  acc := credits_put_gift(acc, p_gift, p_gift_expires_at);
  if p_months_from is not null then
    acc := credits_start_free_months(acc, p_monthly, p_grace, p_months_from);
  end if;
  perform credits_save_account(acc);
end
$$;

-- credits_put_gift: books the sign-up gift on a locked account, unless it is null or was booked before.
create or replace function credits_put_gift(acc credit_account, p_gift bigint, p_expires_at timestamptz)
returns credit_account language plpgsql as $$
declare
  gift_key text := format('signup:%s:gift', acc.user_id);
begin
  if p_gift is null
    or exists (select from credit_transaction where user_id = acc.user_id and idempotency_key = gift_key)
  then
    return acc;
  end if;
  return credits_put_grant(acc, 'REGISTER_GIFT', 'grant', p_gift, gift_key, 'signup', p_expires_at, false, 0);
end
$$;

-- credits_raise: raises an error with a name. `src/ledger/call-ledger.ts` maps the codes to error
-- classes. The whole call is rolled back, so an error uses no key.
create or replace function credits_raise(p_code text, p_message text, p_detail jsonb default '{}')
returns void language plpgsql as $$
begin
  raise exception using errcode = p_code, message = p_message, detail = p_detail::text;
end
$$;

-- credits_conflict: raises IdempotencyConflict.
create or replace function credits_conflict(p_key text) returns void language plpgsql as $$
begin
  perform credits_raise('QF002', 'The idempotency key was used with another payload.',
    jsonb_build_object('key', p_key));
end
$$;

-- credits_check_amount: raises InvalidAmount unless the amount is a whole number from 1 on that
-- TypeScript represents exactly.
create or replace function credits_check_amount(p_amount bigint)
returns void language plpgsql as $$
begin
  if p_amount is null or p_amount < 1 or p_amount > 9007199254740991 then
    perform credits_raise('QF008', 'An amount of credits is a whole number of at least 1.',
      jsonb_build_object('amount', p_amount));
  end if;
end
$$;

-- credits_require: raises InsufficientCredits if less than the amount can be spent.
create or replace function credits_require(acc credit_account, p_amount bigint)
returns void language plpgsql as $$
begin
  if acc.balance < p_amount then
    perform credits_raise('QF001', 'Not enough credits.',
      jsonb_build_object('required', p_amount, 'available', acc.balance));
  end if;
end
$$;

-- credits_require_not_frozen: raises AccountFrozen. An account whose books drifted cannot spend until
-- an admin has checked it.
create or replace function credits_require_not_frozen(acc credit_account)
returns void language plpgsql as $$
begin
  if acc.frozen_at is not null then
    perform credits_raise('QF004', 'Spending is paused on this account while its books are checked.');
  end if;
end
$$;
