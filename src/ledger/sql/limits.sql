-- Spending limits: what a service or a user may spend in a day, a month or in total
-- (docs/decisions/0087). A limit counts spends when they are booked, and a hold whole in the window in
-- which it was made; what a hold or a refund returns goes back to that window.
--
-- Lock order: the account, the service's advisory lock, limits by id. Every write that counts locks all
-- limits that apply, so the counts are exact for any number of concurrent calls.

-- credits_window_start: the beginning of the window that contains an instant, in UTC. The instant is
-- always the account's time, `max(now, as_of)`.
create or replace function credits_window_start(p_window spend_window, p_at timestamptz)
returns timestamptz language sql immutable parallel safe as $$
  select case p_window
    when 'total' then '-infinity'::timestamptz
    else date_trunc(p_window::text, p_at at time zone 'UTC') at time zone 'UTC'
  end
$$;

-- credits_window_end: the beginning of the next window; infinity for `total`.
create or replace function credits_window_end(p_window spend_window, p_at timestamptz)
returns timestamptz language sql immutable parallel safe as $$
  select case p_window
    when 'total' then 'infinity'::timestamptz
    else (date_trunc(p_window::text, p_at at time zone 'UTC') + ('1 ' || p_window)::interval)
      at time zone 'UTC'
  end
$$;

-- credits_limits_of: the limits that apply to what a service (null: the site) spends for a user.
create or replace function credits_limits_of(p_user text, p_service text)
returns setof spend_limit language sql stable as $$
  select * from spend_limit
  where user_id = p_user and (service_id is null or service_id = p_service)
  union all
  select * from spend_limit where user_id is null and service_id = p_service
$$;

-- credits_may_be_limited: false for nearly all writes of the site, which then need no more of this file.
-- A user's own limits change only under the account's lock.
create or replace function credits_may_be_limited(p_user text, p_service text)
returns boolean language plpgsql stable as $$
begin
  return p_service is not null or exists (select from spend_limit where user_id = p_user);
end
$$;

-- credits_lock_limits: locks the limits that apply and returns whether there are any. The shared
-- advisory lock makes credits_set_limit wait for spends that did not see its limit.
create or replace function credits_lock_limits(p_user text, p_service text)
returns boolean language plpgsql as $$
begin
  if p_service is not null then
    perform pg_advisory_xact_lock_shared(hashtextextended(p_service, 0));
  end if;
  perform from spend_limit
  where user_id = p_user and (service_id is null or service_id = p_service)
    or user_id is null and service_id = p_service
  order by id for update;
  return found;
end
$$;

-- credits_lock_limits_of_holds: locks the limits of a service (or null) and those to which the lapse of
-- these users' holds by `at` returns credits, all in order. A write that lapses holds calls it before
-- the first, and a batch before its first account.
create or replace function credits_lock_limits_of_holds(p_users text[], p_service text, p_at timestamptz)
returns void language plpgsql as $$
declare
  services text[] := array(
    select service_id from credit_hold
    where user_id = any (p_users) and status = 'open' and expires_at <= p_at and service_id is not null
    union
    select p_service where p_service is not null
    order by 1);
begin
  perform credits_lock_service_limits(services);
end
$$;

-- credits_lock_service_limits: locks the caps of several services, in order. A write that counts against
-- the limits of more than one service or account calls it before the first.
create or replace function credits_lock_service_limits(p_services text[])
returns void language plpgsql as $$
begin
  if cardinality(p_services) = 0 then
    return;
  end if;
  perform pg_advisory_xact_lock_shared(hashtextextended(service, 0))
  from unnest(p_services) service order by service;
  perform from spend_limit where user_id is null and service_id = any (p_services) order by id for update;
end
$$;

-- credits_count_spend: counts a spend or hold of an account against the limits that apply. Locks them.
-- Appends a signal for each limit that it reaches. Raises SpendLimitExceeded for the hard limit with the
-- least remaining.
create or replace function credits_count_spend(
  p_user text, p_service text, p_amount bigint, p_at timestamptz
) returns void language plpgsql as $$
declare
  refusal jsonb;
begin
  if not credits_open_windows(p_user, p_service, p_at) then
    return;
  end if;
  select jsonb_build_object(
    'required', p_amount, 'limit', l.amount, 'remaining', greatest(l.amount - c.used, 0),
    'window', l."window", 'resetsAt', credits_limit_reset(l."window", p_at))
  into refusal
  from credits_limits_of(p_user, p_service) l
  join spend_count c on c.limit_id = l.id and c.starts_at = credits_window_start(l."window", p_at)
  where l.is_hard and c.used + p_amount > l.amount
  order by l.amount - c.used, l."window", l.amount
  limit 1;
  if refusal is not null then
    perform credits_raise('QF014', 'This would exceed a spending limit.', refusal);
  end if;
  with counted as (
    update spend_count c set used = c.used + p_amount
    from credits_limits_of(p_user, p_service) l
    where c.limit_id = l.id and c.starts_at = credits_window_start(l."window", p_at)
    returning l.id, l.user_id, l.service_id, l."window", l.amount, l.is_hard, c.starts_at, c.used
  )
  insert into credit_signal (user_id, kind, facts, at)
  select p_user, 'limit-reached', jsonb_build_object(
    'limitId', c.id, 'isOfUser', c.user_id is not null, 'serviceId', c.service_id, 'window', c."window",
    'amount', c.amount, 'isHard', c.is_hard, 'used', c.used,
    'startsAt', credits_iso(nullif(c.starts_at, '-infinity')),
    'resetsAt', credits_limit_reset(c."window", p_at)), p_at
  from counted c
  where c.used >= c.amount and c.used - p_amount < c.amount;
end
$$;

-- credits_remaining_in_limits: what the hard limits leave in their windows that contain an instant, null
-- if there are none. Locks the limits that apply.
create or replace function credits_remaining_in_limits(p_user text, p_service text, p_at timestamptz)
returns bigint language plpgsql as $$
begin
  if not credits_open_windows(p_user, p_service, p_at) then
    return null;
  end if;
  return (
    select min(greatest(l.amount - c.used, 0))
    from credits_limits_of(p_user, p_service) l
    join spend_count c on c.limit_id = l.id and c.starts_at = credits_window_start(l."window", p_at)
    where l.is_hard);
end
$$;

-- credits_open_windows: locks the limits that apply and makes the counters of their windows that contain
-- an instant, if they have none yet. Returns whether there are limits.
create or replace function credits_open_windows(p_user text, p_service text, p_at timestamptz)
returns boolean language plpgsql as $$
begin
  if not (credits_may_be_limited(p_user, p_service) and credits_lock_limits(p_user, p_service)) then
    return false;
  end if;
  insert into spend_count (limit_id, starts_at, used)
  select l.id, credits_window_start(l."window", p_at), credits_spent_in_window(l, p_at)
  from credits_limits_of(p_user, p_service) l
  where not exists (
    select from spend_count c
    where c.limit_id = l.id and c.starts_at = credits_window_start(l."window", p_at));
  return true;
end
$$;

-- credits_uncount_spend: returns credits to the windows that contain `counted_at`, when their hold was
-- made or their spend was booked. Locks the limits that apply.
create or replace function credits_uncount_spend(
  p_user text, p_service text, p_amount bigint, p_counted_at timestamptz
) returns void language plpgsql as $$
begin
  if p_amount = 0
    or not (credits_may_be_limited(p_user, p_service) and credits_lock_limits(p_user, p_service)) then
    return;
  end if;
  update spend_count c set used = c.used - p_amount
  from credits_limits_of(p_user, p_service) l
  where c.limit_id = l.id and c.starts_at = credits_window_start(l."window", p_counted_at);
end
$$;

-- credits_spent_in_window: what counts against a limit in the window that contains an instant, from the
-- ledger's rows. The first spend of a window counts it once; spend_count has it from then on.
create or replace function credits_spent_in_window(p_limit spend_limit, p_at timestamptz)
returns bigint language plpgsql stable as $$
declare
  starts_at timestamptz := credits_window_start(p_limit."window", p_at);
  ends_at timestamptz := credits_window_end(p_limit."window", p_at);
  spent bigint;
  held bigint;
begin
  if p_limit.user_id is null then
    select -sum(t.amount) into spent from credit_transaction t
    where t.service_id = p_limit.service_id and t.type in ('USAGE', 'USAGE_REFUND')
      and coalesce(t.counted_at, t.booked_at) >= starts_at and coalesce(t.counted_at, t.booked_at) < ends_at;
    select sum(h.amount) into held from credit_hold h
    where h.service_id = p_limit.service_id and h.status = 'open'
      and h.held_at >= starts_at and h.held_at < ends_at;
  else
    select -sum(t.amount) into spent from credit_transaction t
    where t.user_id = p_limit.user_id and t.type in ('USAGE', 'USAGE_REFUND')
      and (p_limit.service_id is null or t.service_id = p_limit.service_id)
      and coalesce(t.counted_at, t.booked_at) >= starts_at and coalesce(t.counted_at, t.booked_at) < ends_at;
    select sum(h.amount) into held from credit_hold h
    where h.user_id = p_limit.user_id and h.status = 'open'
      and (p_limit.service_id is null or h.service_id = p_limit.service_id)
      and h.held_at >= starts_at and h.held_at < ends_at;
  end if;
  return coalesce(spent, 0) + coalesce(held, 0);
end
$$;

-- credits_limits_at: the limits that apply, with what is used in their windows at an instant. The
-- user's holds that lapsed by then count for nothing, booked or not.
create or replace function credits_limits_at(p_user text, p_service text, p_at timestamptz)
returns table (
  "window" spend_window, amount bigint, is_hard boolean, used bigint, resets_at timestamptz
) language sql stable as $$
  select l."window", l.amount, l.is_hard,
    coalesce(c.used, credits_spent_in_window(l, p_at)) - coalesce((
      select sum(h.amount) from credit_hold h
      where h.user_id = p_user and h.status = 'open' and h.expires_at <= p_at
        and (l.service_id is null or h.service_id = l.service_id)
        and credits_window_start(l."window", h.held_at) = credits_window_start(l."window", p_at)), 0)::bigint,
    nullif(credits_window_end(l."window", p_at), 'infinity')
  from credits_limits_of(p_user, p_service) l
  left join spend_count c on c.limit_id = l.id and c.starts_at = credits_window_start(l."window", p_at)
$$;

-- credits_limit_reset: when a window ends, in ISO 8601; null for `total`.
create or replace function credits_limit_reset(p_window spend_window, p_at timestamptz)
returns text language sql stable as $$
  select credits_iso(nullif(credits_window_end(p_window, p_at), 'infinity'))
$$;

-- credits_with_limit: a result with the limit that has the least remaining, if one applies.
create or replace function credits_with_limit(
  p_result jsonb, p_user text, p_service text, p_at timestamptz
) returns jsonb language plpgsql stable as $$
declare
  tightest jsonb;
begin
  if not credits_may_be_limited(p_user, p_service) then
    return p_result;
  end if;
  select jsonb_build_object(
    'window', l."window", 'amount', l.amount, 'isHard', l.is_hard,
    'remaining', greatest(l.amount - l.used, 0),
    'resetsAt', credits_limit_reset(l."window", p_at))
  into tightest
  from credits_limits_at(p_user, p_service, p_at) l
  order by l.amount - l.used, l."window", l.amount, l.is_hard
  limit 1;
  return case when tightest is null then p_result
    else p_result || jsonb_build_object('limit', tightest) end;
end
$$;

-- credits_set_limit: sets the limit of a user, a service, or a service for a user; null removes it.
-- What was spent in the running window counts. Waits for the spends that have begun: locks the account,
-- if a user is named, and the service. Raises InvalidAmount and CreditAccountNotFound.
create or replace function credits_set_limit(
  p_user text, p_service text, p_window spend_window, p_amount bigint, p_is_hard boolean
) returns void language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if p_amount < 0 or p_amount > 9007199254740991 then
    perform credits_raise('QF008', 'A limit is a whole number of credits.',
      jsonb_build_object('amount', p_amount));
  end if;
  if p_user is not null then
    perform credits_lock_account(p_user, '-infinity');
  end if;
  if p_service is not null then
    perform pg_advisory_xact_lock(hashtextextended(p_service, 0));
  end if;
  if p_amount is null then
    with removed as (
      delete from spend_limit
      where user_id is not distinct from p_user and service_id is not distinct from p_service
        and "window" = p_window
      returning id
    )
    delete from spend_count c using removed where c.limit_id = removed.id;
    return;
  end if;
  insert into spend_limit (user_id, service_id, "window", amount, is_hard)
  values (p_user, p_service, p_window, p_amount, p_is_hard)
  on conflict (user_id, service_id, "window")
  do update set amount = excluded.amount, is_hard = excluded.is_hard;
end
$$;
