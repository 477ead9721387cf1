-- Signals: what the rest of the application must know about a write, appended in its transaction (docs/decisions/0093).
-- limits.sql appends those of limits.
--
-- The triggers compare an account's row before and after a statement, so every write, alone or in a
-- batch, appends the same signals. Their functions and default_low_balance() lack the prefix `credits_`,
-- because an older release drops functions with it that it does not know.

-- default_low_balance: the threshold of the accounts that have none of their own.
create or replace function default_low_balance() returns bigint
language plpgsql stable as $$
begin
  return (select credits from low_balance_default);
end
$$;

-- note_balance_crossing: appends a signal if the available credits fell below the account's threshold,
-- and one if they fell to 0 or less. The trigger calls it only then. `isCharge` is false if no spend or
-- hold lowered the balance, but an expiry, a revocation or an adjustment.
create or replace function note_balance_crossing() returns trigger language plpgsql as $$
begin
  insert into credit_signal (user_id, kind, facts, at)
  select new.user_id, crossing.kind, jsonb_build_object(
    'available', new.balance, 'threshold', crossing.threshold,
    'isCharge', new.held > old.held or exists (
      select from credit_transaction t
      where t.user_id = new.user_id and t.seq between old.version + 1 and new.version and t.type = 'USAGE')
  ), new.as_of
  from (values
    ('balance-low'::credit_signal_kind, coalesce(new.low_balance, default_low_balance())),
    ('balance-depleted', 1)
  ) crossing (kind, threshold)
  where crossing.threshold between new.balance + 1 and old.balance;
  return null;
end
$$;

-- note_lapsed_hold: appends a signal when a hold has lapsed.
create or replace function note_lapsed_hold() returns trigger language plpgsql as $$
begin
  insert into credit_signal (user_id, kind, facts, at)
  values (new.user_id, 'hold-lapsed', jsonb_build_object(
    'holdKey', new.key, 'amount', new.amount, 'serviceId', new.service_id, 'feature', new.feature,
    'heldAt', credits_iso(new.held_at)), new.expires_at);
  return null;
end
$$;

-- credits_take_signals: deletes and returns the oldest signals, for a transaction that handles them. Skips
-- those that another transaction is handling and those in `except`.
create or replace function credits_take_signals(p_limit integer, p_except uuid[])
returns table (id uuid, user_id text, kind credit_signal_kind, facts jsonb, at timestamptz)
language sql volatile security definer set search_path = public, pg_temp as $$
  with taken as (
    delete from credit_signal s
    where s.id in (
      select d.id from credit_signal d where d.id <> all (p_except)
      order by d.at, d.id limit p_limit for update skip locked)
    returning s.*
  )
  select t.id, t.user_id, t.kind, t.facts, t.at from taken t order by t.at, t.id
$$;

-- credits_prune_signals: deletes up to `limit` signals from before an instant, which nothing could handle.
-- Returns their number.
create or replace function credits_prune_signals(p_before timestamptz, p_limit integer)
returns bigint language sql volatile security definer set search_path = public, pg_temp as $$
  with pruned as (
    delete from credit_signal s
    where s.id in (
      select d.id from credit_signal d where d.at < p_before
      order by d.at, d.id limit p_limit for update skip locked)
    returning 1
  )
  select count(*) from pruned
$$;

-- credits_set_low_balance: sets the threshold of an account; null: the default. Changes no signal: the next
-- crossing counts. Creates the account if there is none, and locks it.
create or replace function credits_set_low_balance(p_user text, p_credits bigint, p_now timestamptz)
returns void language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform credits_lock_account(p_user, p_now, true);
  update credit_account set low_balance = p_credits where user_id = p_user;
end
$$;

-- credits_set_low_balance_default: sets the threshold of the accounts that have none of their own.
create or replace function credits_set_low_balance_default(p_credits bigint)
returns void language sql volatile security definer set search_path = public, pg_temp as $$
  insert into low_balance_default (credits) values (p_credits)
  on conflict (id) do update set credits = excluded.credits
  where low_balance_default.credits <> excluded.credits
$$;
