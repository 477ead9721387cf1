-- Distribution: granting the allotments that are due, in batches of one transaction each, and recording
-- the users for whom it failed.

-- credits_distribute_batch: grants what is due by `now` to the users of up to `limit` due schedules
-- after the cursor (next due, user). Reads due schedules only, through their index, and skips locked
-- accounts, so that concurrent workers take different users and cannot deadlock. The cursor skips index
-- entries that earlier batches of the run have left dead.
--
-- Users with one due period and no pending bookings (nearly all) are granted by one statement, the
-- others one by one. If that statement fails, it is retried for an eighth of its schedules, and so on,
-- until the few around the failing one are granted one by one; after them the pieces grow again. A user
-- whose grant fails is rolled back alone, recorded with the error, and skipped until the next run. The
-- run's row is updated in the same transaction, as of the real time `clock`.
-- Requires READ COMMITTED: at a stricter level Postgres refuses to lock changed rows.
create or replace function credits_distribute_batch(
  p_run_id uuid, p_now timestamptz, p_clock timestamptz, p_limit integer, p_grace interval,
  p_after_at timestamptz, p_after_user text
) returns table (
  scanned integer, users integer, errors integer, last_error text, next_at timestamptz, next_user text
) language plpgsql security definer
set search_path = public, pg_temp
-- Index lookups only: a batch must never be joined to a whole table, whatever the planner estimates.
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off as $$
declare
  smallest constant integer := 50;
  piece integer := p_limit;
  wanted integer;
  -- A statement has failed for schedules up to this one, in index order.
  doubtful integer := 0;
  one_by_one text[];
  acc credit_account;
  booked record;
  granted bigint := 0;
  lots_booked integer := 0;
  credits_booked bigint := 0;
begin
  users := 0; errors := 0; scanned := 0; next_at := p_after_at; next_user := p_after_user;
  while scanned < p_limit loop
    wanted := least(piece, p_limit - scanned);
    begin
      select * into booked
      from credits_distribute_plain(p_run_id, p_now, wanted, p_grace, next_at, next_user);
      users := users + booked.users;
      granted := granted + booked.credits;
      if scanned + booked.scanned >= doubtful then
        piece := least(piece * 2, p_limit);
      end if;
    exception when others then
      -- No user of this piece was granted anything.
      if wanted > smallest then
        doubtful := scanned + wanted;
        piece := greatest(wanted / 8, smallest);
        continue;
      end if;
      select count(*)::integer as scanned, max(due.due_at) as next_at,
        (array_agg(due.user_id order by due.nth desc))[1] as next_user, array_agg(due.user_id) as others
      into booked
      from credits_lock_due(p_run_id, p_now, wanted, next_at, next_user)
        with ordinality as due (account_place, user_id, due_at, nth);
    end;
    one_by_one := one_by_one || booked.others;
    scanned := scanned + booked.scanned;
    next_at := coalesce(booked.next_at, next_at);
    next_user := coalesce(booked.next_user, next_user);
    exit when booked.scanned < wanted;
  end loop;

  perform credits_lock_limits_of_holds(one_by_one, null, 'infinity');
  for acc in
    select * from credit_account where user_id = any (one_by_one) order by user_id
  loop
    begin
      select * into booked from credits_distribute_user(acc, p_now, p_grace);
      delete from distribution_failure f where f.user_id = acc.user_id;
      -- Another worker may have granted between our read and our lock.
      users := users + least(booked.schedules, 1);
      granted := granted + booked.credits;
      lots_booked := lots_booked + booked.expired_lots;
      credits_booked := credits_booked + booked.expired_credits;
    exception when others then
      -- A serialization failure or deadlock is no user's fault: the whole batch can be retried.
      if sqlstate like '40%' then
        raise;
      end if;
      last_error := sqlerrm;
      if credits_note_failure(acc.user_id, p_run_id, 'grant', sqlerrm, p_clock) then
        users := users + 1;
        errors := errors + 1;
      end if;
    end;
  end loop;

  update distribution_run r
  set users_count = r.users_count + users,
    processed_count = r.processed_count + users - errors,
    error_count = r.error_count + errors,
    granted_credits = r.granted_credits + granted,
    expired_count = r.expired_count + lots_booked,
    expired_credits = r.expired_credits + credits_booked,
    last_error = coalesce(credits_distribute_batch.last_error, r.last_error),
    updated_at = greatest(r.updated_at, p_clock)
  where r.id = p_run_id;
  return next;
end
$$;

-- credits_lock_due: locks and returns the accounts of the next due schedules, in index order. The lock
-- protects the account and its schedules; a later statement reads them.
create or replace function credits_lock_due(
  p_run_id uuid, p_now timestamptz, p_limit integer, p_after_at timestamptz, p_after_user text
) returns table (account_place tid, user_id text, due_at timestamptz) language sql rows 5000 as $$
  select a.ctid, due.user_id, due.due_at
  from credits_due_schedules(p_run_id, p_now) due join credit_account a on a.user_id = due.user_id
  where (due.due_at, due.user_id) > (p_after_at, p_after_user)
  order by due.due_at, due.user_id limit p_limit
  for update of a skip locked
$$;

-- credits_distribute_plain: locks a batch of accounts and grants those with exactly one due period and
-- no other pending booking: no debt, nothing held, no expired lot, no booking later than now, no
-- earlier failure. Returns where the batch ended and the other users.
--
-- One statement locks and the next one writes: a statement sees what was committed before it began, and
-- a lock may be obtained on a row version committed later, whose update by place (ctid) would change
-- nothing. So the second statement reads the rows again, and what it wrote is counted. Accounts are
-- found by their place, which the locks keep. `is true` and `offset 0` make the planner look up each
-- user's rows: without them it may use the index of everything due, or read a whole table into a hash.
create or replace function credits_distribute_plain(
  p_run_id uuid, p_now timestamptz, p_limit integer, p_grace interval,
  p_after_at timestamptz, p_after_user text
) returns table (
  scanned integer, users integer, credits bigint, others text[], next_at timestamptz, next_user text
) language plpgsql as $$
declare
  places tid[];
  grants integer;
  accounts_seen integer;
  accounts_written integer;
  schedules_written integer;
begin
  select count(*), array_agg(distinct locked.account_place),
    max(locked.due_at), (array_agg(locked.user_id order by locked.nth desc))[1]
  into scanned, places, next_at, next_user
  from credits_lock_due(p_run_id, p_now, p_limit, p_after_at, p_after_user)
    with ordinality as locked (account_place, user_id, due_at, nth);

  with account as materialized (
    select place.nth, place.at as account_place, a.user_id, a.version, a.balance,
      a.debt = 0 and a.held = 0 and a.as_of <= p_now
        and not exists (
          select from credit_lot l
          where l.user_id = a.user_id and l.is_open and (l.expires_at <= p_now) is true offset 0)
        and not exists (
          select from distribution_failure f where f.user_id = a.user_id offset 0) as is_quiet
    from unnest(places) with ordinality as place (at, nth) join credit_account a on a.ctid = place.at
  ), due as materialized (
    select a.*, s.ctid as schedule_place, s.id, s.kind, s.credits, s.grace, s.next_n, s.next_due_at, s.ends_at,
      after.due_at as then_due_at,
      a.is_quiet and count(*) over (partition by a.nth) = 1 and after.due_at > p_now
        and a.balance + s.credits <= 9007199254740991 as plain,
      rule.pays and s.credits > 0 as pays
    from account a
    join credit_schedule s on s.user_id = a.user_id and (s.next_due_at <= p_now) is true
    cross join lateral (select credits_add_months(s.anchor_at, s.next_n + 1)) as after (due_at)
    cross join lateral credits_period_pays(s.kind, s.user_id, s.next_due_at, after.due_at, p_now) rule
  ), granted as materialized (
    select *, version + 1 as seq, credits_allotment_type(kind) as type,
      credits_period_expiry(kind, next_due_at, then_due_at, coalesce(grace, p_grace), p_now) as expires_at
    from due where plain and pays
  ), transactions as (
    insert into credit_transaction (
      user_id, seq, type, operation, amount, balance_after, idempotency_key, source, booked_at, effective_at)
    select user_id, seq, type, 'grant', g.credits, balance + g.credits,
      credits_allotment_key(id, next_n), id, p_now, p_now
    from granted g
  ), lots as (
    insert into credit_lot (user_id, seq, type, source, amount, remaining, paid, granted_at, expires_at, period_number)
    select user_id, seq, type, id, g.credits, g.credits, kind <> 'free', p_now, expires_at, next_n from granted g
  ), accounts as (
    update credit_account a
    set balance = g.balance + g.credits, version = g.seq, as_of = p_now
    from granted g where a.ctid = g.account_place
    returning 1
  ), schedules as (
    update credit_schedule s
    set next_n = d.next_n + 1,
      next_due_at = case when d.ends_at is null or d.then_due_at < d.ends_at then d.then_due_at end
    from due d where d.plain and s.ctid = d.schedule_place
    returning 1
  )
  select count(*) filter (where plain), count(*) filter (where plain and pays),
    coalesce(sum(due.credits) filter (where plain and pays), 0),
    array_agg(distinct user_id) filter (where not plain),
    (select count(*) from account), (select count(*) from accounts), (select count(*) from schedules)
  into users, grants, credits_distribute_plain.credits, others,
    accounts_seen, accounts_written, schedules_written
  from due;
  if (accounts_seen, accounts_written, schedules_written)
    is distinct from (coalesce(cardinality(places), 0), grants, users) then
    raise exception 'Of % locked accounts % were seen; % of % accounts and % of % schedules were written.',
      cardinality(places), accounts_seen, accounts_written, grants, schedules_written, users;
  end if;
  return next;
end
$$;

-- credits_distribute_user: catches a locked account up and grants everything due to it by `now`, from
-- all its schedules. Skips a period whose key is booked already.
create or replace function credits_distribute_user(
  acc credit_account, p_now timestamptz, p_grace interval
) returns table (
  schedules integer, allotments integer, credits bigint, expired_lots integer, expired_credits bigint
) language plpgsql as $$
declare
  before_version bigint := acc.version;
  before_total bigint := acc.balance + acc.held;
  schedule credit_schedule;
  period record;
  key text;
  due timestamptz;
begin
  schedules := 0; allotments := 0; credits := 0;
  acc.as_of := greatest(acc.as_of, p_now);
  acc := credits_catch_up(acc);
  expired_lots := acc.version - before_version;
  expired_credits := before_total - acc.balance - acc.held;
  for schedule in
    select * from credit_schedule s
    where s.user_id = acc.user_id and (s.next_due_at <= p_now) is true
    order by s.next_due_at, s.id
  loop
    for period in select * from credits_due_periods(schedule, p_now, acc.as_of) loop
      key := credits_allotment_key(schedule.id, period.n);
      if period.pays and (credits_find_by_key(acc.user_id, key)).seq is null then
        acc := credits_put_grant(acc, credits_allotment_type(schedule.kind), 'grant', schedule.credits,
          key, schedule.id,
          credits_period_expiry(schedule.kind, period.due_at, period.next_due_at,
            coalesce(schedule.grace, p_grace), acc.as_of),
          schedule.kind <> 'free', 0, p_period_number => period.n);
        allotments := allotments + 1;
        credits := credits + schedule.credits;
      end if;
      schedule.next_n := period.n + 1;
    end loop;
    due := credits_add_months(schedule.anchor_at, schedule.next_n);
    update credit_schedule s
    set next_n = schedule.next_n,
      next_due_at = case when schedule.ends_at is null or due < schedule.ends_at then due end
    where s.user_id = schedule.user_id and s.id = schedule.id;
    schedules := schedules + 1;
  end loop;
  perform credits_save_account(acc);
  return next;
end
$$;

-- credits_distribute_one: grants one user everything due by `now`, as a run would, and books expired
-- lots: for an admin who has fixed what made the user fail. Waits for the account's lock. An error
-- leaves everything unchanged, including the recorded failure.
create or replace function credits_distribute_one(p_user text, p_now timestamptz, p_grace interval)
returns table (schedules integer, allotments integer, credits bigint) language plpgsql
security definer set search_path = public, pg_temp as $$
declare
  acc credit_account;
begin
  select * into acc from credit_account where user_id = p_user for update;
  if acc.user_id is null then
    schedules := 0; allotments := 0; credits := 0;
    return next;
    return;
  end if;
  select d.schedules, d.allotments, d.credits into schedules, allotments, credits
  from credits_distribute_user(acc, p_now, p_grace) d;
  delete from distribution_failure f where f.user_id = p_user;
  return next;
end
$$;

-- credits_due_schedules: the schedules with a period due by `now`, without the users the run has failed
-- for. Without a run, every user with a recorded failure is omitted. Inlined into the statements that
-- use it.
create or replace function credits_due_schedules(p_run_id uuid, p_now timestamptz)
returns table (user_id text, due_at timestamptz) language sql stable as $$
  select s.user_id, s.next_due_at from credit_schedule s
  where s.next_due_at is not null and s.next_due_at <= p_now
    and not exists (
      select from distribution_failure f
      where f.user_id = s.user_id and (p_run_id is null or f.run_id = p_run_id))
$$;

-- credits_is_anything_due: whether a schedule is due. Uses indexes only: once everything is granted,
-- but the statistics still say that everything is due, the planner would read the whole table for a
-- first row.
create or replace function credits_is_anything_due(p_run_id uuid, p_now timestamptz)
returns boolean language sql stable
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off as $$
  select exists (select from credits_due_schedules(p_run_id, p_now))
$$;

-- credits_note_failure: records a user's failure with its error. Returns whether it is the run's first
-- for this user, so that concurrent workers count each user once. A sweep has no run (null): it records
-- only users without a failure. The account is locked.
create or replace function credits_note_failure(
  p_user text, p_run_id uuid, p_stage distribution_stage, p_error text, p_at timestamptz
) returns boolean language plpgsql as $$
begin
  insert into distribution_failure as f (user_id, run_id, stage, error, since_at, failed_at)
  values (p_user, p_run_id, p_stage, p_error, p_at, p_at)
  on conflict (user_id) do update
  set run_id = excluded.run_id, stage = excluded.stage, error = excluded.error, failed_at = excluded.failed_at
  where excluded.run_id is not null and f.run_id is distinct from excluded.run_id;
  return found;
end
$$;

-- credits_prune_failures: deletes the failures of users with nothing left to book: their schedule has
-- ended, or another write has booked the expiry. Returns how many. Reads a few index entries
-- for each failure. Locks no account.
create or replace function credits_prune_failures(p_now timestamptz)
returns integer language plpgsql security definer set search_path = public, pg_temp as $$
declare
  pruned integer;
begin
  delete from distribution_failure f
  where not exists (
      select from credit_schedule s where s.user_id = f.user_id and (s.next_due_at <= p_now) is true)
    and not exists (
      select from credit_lot l where l.user_id = f.user_id and l.is_open and (l.expires_at <= p_now) is true)
    and not exists (
      select from credit_hold h where h.user_id = f.user_id and h.status = 'open' and h.expires_at <= p_now);
  get diagnostics pruned = row_count;
  return pruned;
end
$$;
