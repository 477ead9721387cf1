-- Schedules: the rules of monthly allotments, and opening, ending, suspending and repairing schedules.

-- credits_add_months: the instant n months after `anchor`, counted in UTC and clamped to the month's
-- end (31 Jan, 28 Feb, 31 Mar: always from the anchor). Without `at time zone 'UTC'` the session's zone
-- would decide.
create or replace function credits_add_months(p_anchor timestamptz, p_n integer)
returns timestamptz language sql immutable parallel safe as $$
  select ((p_anchor at time zone 'UTC') + make_interval(months => p_n)) at time zone 'UTC'
$$;

-- credits_period_expiry: when a period's allotment expires: `grace` after the next one is due. A paid
-- allotment booked more than 24 hours late lasts a month and the grace from its booking, so that a late
-- run never grants credits that are about to expire.
create or replace function credits_period_expiry(
  p_kind credit_schedule_kind, p_due timestamptz, p_next_due timestamptz, p_grace interval, p_now timestamptz
) returns timestamptz language sql stable parallel safe as $$
  select case when p_kind <> 'free' and p_now > p_due + interval '24 hours'
    then credits_add_months(p_now, 1) else p_next_due end + p_grace
$$;

-- credits_allotment_expiry: the same for period n of a paid schedule with this anchor.
create or replace function credits_allotment_expiry(
  p_anchor timestamptz, p_n integer, p_grace interval, p_now timestamptz
) returns timestamptz language sql stable parallel safe as $$
  select credits_period_expiry('lifetime', credits_add_months(p_anchor, p_n),
    credits_add_months(p_anchor, p_n + 1), p_grace, p_now)
$$;

-- credits_allotment_key: the idempotency key of period n of a schedule.
create or replace function credits_allotment_key(p_id text, p_n integer)
returns text language sql immutable parallel safe as $$
  select 'schedule:' || p_id || ':' || p_n
$$;

-- credits_allotment_type: the transaction type of a schedule's allotments.
create or replace function credits_allotment_type(p_kind credit_schedule_kind)
returns credit_type language sql immutable parallel safe as $$
  select case p_kind
    when 'free' then 'MONTHLY_REFRESH'::credit_type
    when 'yearly' then 'SUBSCRIPTION_RENEWAL'::credit_type
    else 'LIFETIME_MONTHLY'::credit_type
  end
$$;

-- credits_memberships_at: the payments that make a user a paid member at an instant. Deletion and full
-- refunds end what a payment covers.
create or replace function credits_memberships_at(p_user text, p_at timestamptz)
returns table (payment_id text) language sql stable as $$
  select id from payment
  where user_id = p_user and member_until_at > p_at and member_from_at <= p_at
$$;

-- credits_paid_member_at: whether a user was a paid member at an instant.
create or replace function credits_paid_member_at(p_user text, p_at timestamptz)
returns boolean language sql stable as $$
  select exists (select from credits_memberships_at(p_user, p_at))
$$;

-- credits_period_pays: whether a due period grants credits at `at`. A paid schedule grants every
-- period. A free one grants the current period only, and not if the user was a paid member when it fell
-- due. Returns one row, because a set-returning function is inlined into the statement that joins it: a
-- call for each of a million users would cost more than the lookup.
create or replace function credits_period_pays(
  p_kind credit_schedule_kind, p_user text, p_due timestamptz, p_next_due timestamptz, p_at timestamptz
) returns table (pays boolean) language sql stable rows 1 as $$
  select p_kind <> 'free'
    or (p_next_due > p_at and not exists (select from credits_memberships_at(p_user, p_due)))
$$;

-- credits_due_periods: the periods of a schedule that are due by `now`, in order, and whether each pays
-- at `at` (the account's time, which may be later). A period that a reversal reduced to zero pays
-- nothing. A month has at least 28 days, which limits their number.
create or replace function credits_due_periods(
  s credit_schedule, p_now timestamptz, p_at timestamptz
) returns table (n integer, due_at timestamptz, next_due_at timestamptz, pays boolean)
language sql stable rows 1 as $$
  select period.n, due.at, due.next_at, rule.pays and s.credits > 0
  from generate_series(
    s.next_n, s.next_n + floor(extract(epoch from p_now - s.next_due_at) / 2419200)::integer
  ) as period (n)
  cross join lateral (
    select credits_add_months(s.anchor_at, period.n), credits_add_months(s.anchor_at, period.n + 1)
  ) as due (at, next_at)
  cross join lateral credits_period_pays(s.kind, s.user_id, due.at, due.next_at, p_at) rule
  where s.next_due_at <= p_now and due.at <= p_now and (s.ends_at is null or due.at < s.ends_at)
  order by period.n
$$;

-- credits_schedule_end: the end of a schedule: `ends_at`, or earlier for a yearly one, which grants at
-- most 12 allotments.
create or replace function credits_schedule_end(
  p_kind credit_schedule_kind, p_anchor timestamptz, p_ends_at timestamptz
) returns timestamptz language sql immutable parallel safe as $$
  select case when p_kind = 'yearly' then least(p_ends_at, credits_add_months(p_anchor, 12)) else p_ends_at end
$$;

-- credits_open_schedule: opens a paid source's schedule. Grants period 0 under `key` and promises the
-- periods from 1 on that are due before `ends_at`. Without a key it grants nothing, returns null, and
-- the first allotment is period `first_n` (a switch of plans while an allotment is running). Creates
-- the account if there is none, and locks it. Raises IdempotencyConflict, InvalidAmount and
-- InvalidExpiry.
create or replace function credits_open_schedule(
  p_user text, p_id text, p_kind credit_schedule_kind, p_subscription_id text, p_key text,
  p_credits bigint, p_type credit_type, p_anchor timestamptz, p_ends_at timestamptz,
  p_first_n integer, p_grace interval, p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  begun record;
  acc credit_account;
  due timestamptz := credits_add_months(p_anchor, p_first_n);
  ends timestamptz := credits_schedule_end(p_kind, p_anchor, p_ends_at);
begin
  perform credits_check_amount(p_credits);
  if p_key is null then
    perform credits_lock_account(p_user, p_now, true);
  else
    select * into begun from credits_begin_write(p_user, p_key, 'grant', p_credits, p_id, p_now, true);
    if begun.replay is not null then
      return begun.replay;
    end if;
  end if;
  insert into credit_schedule (
    user_id, id, kind, credits, grace, subscription_id, anchor_at, next_n, next_due_at, ends_at
  ) values (
    p_user, p_id, p_kind, p_credits, p_grace, p_subscription_id, p_anchor, p_first_n,
    case when ends is null or due < ends then due end, ends
  ) on conflict do nothing;
  if p_key is null then
    return null;
  end if;
  acc := credits_catch_up(begun.acc);
  acc := credits_put_grant(acc, p_type, 'grant', p_credits, p_key, p_id,
    credits_allotment_expiry(p_anchor, 0, p_grace, acc.as_of), true, 0,
    p_period_number => 0);
  perform credits_save_account(acc);
  return credits_booking(acc.version, p_type, p_credits, acc.balance + acc.held, acc.as_of, false);
end
$$;

-- credits_end_schedules: ends the schedules of a source or a subscription at `ends_at`. Periods due
-- before it are still granted. Returns how many schedules there are. Locks the account.
create or replace function credits_end_schedules(
  p_user text, p_id text, p_subscription_id text, p_ends_at timestamptz
) returns integer language plpgsql security definer set search_path = public, pg_temp as $$
declare
  ended integer;
begin
  perform from credit_account where user_id = p_user for update;
  update credit_schedule
  set ends_at = least(ends_at, p_ends_at),
    ended_at = coalesce(ended_at, p_ends_at),
    next_due_at = case when next_due_at < p_ends_at then next_due_at end
  where user_id = p_user and (id = p_id or subscription_id = p_subscription_id);
  get diagnostics ended = row_count;
  return ended;
end
$$;

-- credits_suspend_schedules: grants nothing until the schedules are resumed (an open dispute). Returns
-- how many schedules there are. Locks the account.
create or replace function credits_suspend_schedules(
  p_user text, p_id text, p_subscription_id text, p_now timestamptz
) returns integer language plpgsql security definer set search_path = public, pg_temp as $$
declare
  changed integer;
begin
  perform from credit_account where user_id = p_user for update;
  update credit_schedule set suspended_at = coalesce(suspended_at, p_now), next_due_at = null
  where user_id = p_user and (id = p_id or subscription_id = p_subscription_id);
  get diagnostics changed = row_count;
  return changed;
end
$$;

-- credits_resume_schedules: resumes suspended schedules; missed periods are due. Returns how many it
-- resumed. Locks the account.
create or replace function credits_resume_schedules(
  p_user text, p_id text, p_subscription_id text
) returns integer language plpgsql security definer set search_path = public, pg_temp as $$
declare
  changed integer;
begin
  perform from credit_account where user_id = p_user for update;
  update credit_schedule
  set suspended_at = null,
    next_due_at = case
      when ends_at is null or credits_add_months(anchor_at, next_n) < ends_at
      then credits_add_months(anchor_at, next_n) end
  where user_id = p_user and (id = p_id or subscription_id = p_subscription_id)
    and suspended_at is not null;
  get diagnostics changed = row_count;
  return changed;
end
$$;

-- credits_reopen_schedules: reopens schedules that a whole reversal ended as of `from`,
-- the beginning of their purchase, until `ends_at` (null = forever); missed periods are due. Schedules
-- that run, or that something else ended later, stay as they are, and so does a suspension. Idempotent.
-- Returns how many it reopened. Locks the account.
create or replace function credits_reopen_schedules(
  p_user text, p_id text, p_subscription_id text, p_from timestamptz, p_ends_at timestamptz
) returns integer language plpgsql security definer set search_path = public, pg_temp as $$
declare
  reopened integer;
begin
  perform from credit_account where user_id = p_user for update;
  update credit_schedule s
  set ends_at = reopened_until.at,
    ended_at = null,
    next_due_at = case
      when s.suspended_at is null and (reopened_until.at is null or next_due.at < reopened_until.at)
      then next_due.at end
  from credit_schedule old
  cross join lateral (select credits_schedule_end(old.kind, old.anchor_at, p_ends_at)) as reopened_until (at)
  cross join lateral (select credits_add_months(old.anchor_at, old.next_n)) as next_due (at)
  where old.user_id = p_user and (old.id = p_id or old.subscription_id = p_subscription_id)
    and old.ends_at <= p_from and s.user_id = old.user_id and s.id = old.id;
  get diagnostics reopened = row_count;
  return reopened;
end
$$;

-- credits_start_free_months: starts the free months of a locked account at `from`. If it has come, the
-- first month is granted at once. Null suspends them before the first. A schedule that has granted
-- nothing yet is anchored at its start; a suspended one keeps its anchor and resumes with the first
-- month due at or after `from`. Others stay as they are.
create or replace function credits_start_free_months(
  acc credit_account, p_monthly bigint, p_grace interval, p_from timestamptz
) returns credit_account language plpgsql as $$
declare
  anchor timestamptz := greatest(p_from, acc.as_of);
  first_n integer;
begin
  insert into credit_schedule as s (
    user_id, id, kind, credits, grace, anchor_at, next_n, next_due_at, suspended_at
  ) values (
    acc.user_id, 'signup', 'free', p_monthly, p_grace, anchor, 0,
    case when p_from is not null then anchor end, case when p_from is null then acc.as_of end
  )
  on conflict (user_id, id) do update
  set anchor_at = excluded.anchor_at, next_due_at = excluded.next_due_at,
    suspended_at = excluded.suspended_at
  where s.next_n = 0 and s.ended_at is null
  returning s.next_n into first_n;
  if first_n is null then
    update credit_schedule s
    set suspended_at = null, next_n = resumed.n, next_due_at = credits_add_months(s.anchor_at, resumed.n)
    from (
      select min(period.n) as n
      from credit_schedule old
      cross join lateral generate_series(
        old.next_n,
        old.next_n + 1 + greatest(0, floor(
          extract(epoch from p_from - credits_add_months(old.anchor_at, old.next_n)) / 2419200))::integer
      ) as period (n)
      where old.user_id = acc.user_id and old.id = 'signup'
        and credits_add_months(old.anchor_at, period.n) >= p_from
    ) resumed
    where s.user_id = acc.user_id and s.id = 'signup'
      and s.suspended_at is not null and s.ended_at is null and p_from is not null;
  elsif p_from <= acc.as_of then
    update credit_schedule
    set next_n = 1, next_due_at = credits_add_months(anchor, 1)
    where user_id = acc.user_id and id = 'signup';
    acc := credits_put_grant(acc, 'MONTHLY_REFRESH', 'grant', p_monthly,
      credits_allotment_key('signup', 0), 'signup',
      credits_allotment_expiry(anchor, 0, p_grace, acc.as_of), false, 0, p_period_number => 0);
  end if;
  return acc;
end
$$;

-- credits_repair_batch: recreates missing schedules of free months among the next `limit` users, by id,
-- and returns the users whose account was never opened, because the sign-up was interrupted: what a new
-- user gets is the caller's decision. A failing user is returned in `failed_users` and does not stop the
-- others. Skips deleted users. Reads the users' index and one index entry for each; locks the accounts
-- that it repairs, in the order of ids.
create or replace function credits_repair_batch(
  p_after text, p_limit integer, p_monthly bigint, p_grace interval
)
returns table (repaired integer, failed_users text[], unopened_users text[], next_user text)
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  missing text[];
  found_users integer;
  user_with_none text;
begin
  repaired := 0; failed_users := '{}'; unopened_users := '{}';
  select count(*), max(u.id),
    array_agg(u.id order by u.id) filter (where u.deleted_at is null and not exists (
      select from credit_schedule s where s.user_id = u.id and s.id = 'signup'))
  into found_users, next_user, missing
  from (select id, deleted_at from "user" where id > p_after order by id limit p_limit) u;
  if found_users < p_limit then
    next_user := null;
  end if;
  foreach user_with_none in array coalesce(missing, '{}') loop
    begin
      perform from credit_account where user_id = user_with_none and opened_at is not null for update;
      if not found then
        unopened_users := unopened_users || user_with_none;
      elsif credits_reinstate_schedule(user_with_none, p_monthly, p_grace) then
        repaired := repaired + 1;
      end if;
    exception when others then
      failed_users := failed_users || user_with_none;
    end;
  end loop;
  return next;
end
$$;

-- credits_reinstate_schedule: recreates the free schedule of an open account at its original anchor,
-- from the month after the last one granted. Months missed since then are not granted, as in every
-- late run. Returns whether it recreated one. The account is locked.
create or replace function credits_reinstate_schedule(p_user text, p_monthly bigint, p_grace interval)
returns boolean language plpgsql as $$
begin
  insert into credit_schedule (user_id, id, kind, credits, grace, anchor_at, next_n, next_due_at)
  select p_user, 'signup', 'free', p_monthly, p_grace, start.at, granted.n + 1,
    credits_add_months(start.at, granted.n + 1)
  from credit_account a
  cross join lateral (
    select coalesce(max(l.period_number), 0) as n, min(l.granted_at) filter (where l.period_number = 0) as first_at
    from credit_lot l where l.user_id = a.user_id and l.source = 'signup'
  ) granted
  cross join lateral (select coalesce(granted.first_at, a.opened_at)) as start (at)
  where a.user_id = p_user
  on conflict do nothing;
  return found;
end
$$;
