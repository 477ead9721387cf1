-- credits_distribute_batch: grants what is due by `now` to the users of up to `limit` due schedules
-- from the cursor on. Reads only due schedules, through their index, and passes over locked accounts:
-- workers side by side take different users, and as none is waited for, no order of locks can deadlock.
-- Users with one due period and nothing else to book (nearly all) are granted by one statement, the
-- others one by one. Where that statement fails it is repeated for an eighth of its schedules, and so
-- on, until those of the few around the one at fault are granted one by one as well; behind them the
-- pieces grow again. A user whose grant fails is rolled back alone, noted with the error and left alone
-- until the next run. The run's row is brought up to date in the same transaction, as of the real
-- instant `clock`.
--
-- The cursor (next due, user) spares a run walking over the index entries it has made dead itself.
-- READ COMMITTED; at a stricter level Postgres refuses to lock what has changed, and nothing is booked.
create or replace function credits_distribute_batch(
  p_run_id uuid, p_now timestamptz, p_clock timestamptz, p_limit integer, p_grace interval,
  p_after_at timestamptz, p_after_user text
) returns table (
  scanned integer, users integer, errors integer, last_error text, next_at timestamptz, next_user text
) language plpgsql security definer
set search_path = public, pg_temp
-- Only look-ups by index: a batch must never be joined to a whole table, whatever the planner guesses.
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off as $$
declare
  smallest constant integer := 50;
  piece integer := p_limit;
  wanted integer;
  -- In the order of the index: up to here a statement has failed.
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
      -- Nobody of the piece was granted.
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

  for acc in
    select * from credit_account where user_id = any (one_by_one) order by user_id
  loop
    begin
      select * into booked from credits_distribute_user(acc, p_now, p_grace);
      delete from distribution_failure f where f.user_id = acc.user_id;
      -- Another worker may have been there between our look and our lock.
      users := users + least(booked.schedules, 1);
      granted := granted + booked.credits;
      lots_booked := lots_booked + booked.expired_lots;
      credits_booked := credits_booked + booked.expired_credits;
    exception when others then
      -- Not the user's fault, but two transactions': the whole batch can be repeated.
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

-- credits_lock_due: the accounts of the next due schedules, in the order of their index, each locked:
-- nobody else can then change the account or anything that hangs on it. What a schedule says is read
-- under the lock, by a later statement.
create or replace function credits_lock_due(
  p_run_id uuid, p_now timestamptz, p_limit integer, p_after_at timestamptz, p_after_user text
) returns table (account_place tid, user_id text, due_at timestamptz) language sql rows 5000 as $$
  select a.ctid, due.user_id, due.due_at
  from credits_due_schedules(p_run_id, p_now) due join credit_account a on a.user_id = due.user_id
  where (due.due_at, due.user_id) > (p_after_at, p_after_user)
  order by due.due_at, due.user_id limit p_limit
  for update of a skip locked
$$;

-- credits_distribute_plain: locks a batch and grants those of its users to whom exactly one period of
-- one schedule is due and for whom time has nothing else to book: no debt, nothing held, no lot
-- expired, no booking later than now, no failure before. Answers where the batch ended and who is left
-- for the slow way.
--
-- One statement locks and the next one writes: a statement sees what was committed before it began,
-- and a lock may be got on a row version that was committed a moment later; an update by that version's
-- place (ctid) would change nothing. So the second statement, which sees all that is locked, reads the
-- rows again, and what it wrote is counted. Accounts are found by their place, which the locks hold
-- still: the planner must never join a batch back to a whole table. For the same reason what is due or
-- expired is asked of one user's rows with `is true`: bare, the planner could answer the question
-- through the index of all that is due; and `exists` is asked with `offset 0`: bare, the planner could
-- read the whole table into a hash first.
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
    select a.*, s.ctid as schedule_place, s.id, s.kind, s.credits, s.next_n, s.next_due_at, s.ends_at,
      after.due_at as then_due_at,
      a.is_quiet and count(*) over (partition by a.nth) = 1 and after.due_at > p_now
        and a.balance + s.credits <= 9007199254740991 as plain,
      rule.pays
    from account a
    join credit_schedule s on s.user_id = a.user_id and (s.next_due_at <= p_now) is true
    cross join lateral (select credits_add_months(s.anchor_at, s.next_n + 1)) as after (due_at)
    cross join lateral credits_period_pays(s.kind, s.user_id, s.next_due_at, after.due_at, p_now) rule
  ), granted as materialized (
    select *, version + 1 as seq, credits_allotment_type(kind) as type,
      credits_period_expiry(kind, next_due_at, then_due_at, p_grace, p_now) as expires_at
    from due where plain and pays
  ), transactions as (
    insert into credit_transaction (
      user_id, seq, type, operation, amount, balance_after, idempotency_key, source, booked_at, effective_at)
    select user_id, seq, type, 'grant', g.credits, balance + g.credits,
      'schedule:' || id || ':' || next_n, id, p_now, p_now
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

-- credits_distribute_user: all that is due by `now` to one locked account, whatever its sources, after
-- what time has done was booked. A period whose key is booked already is passed over.
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
      key := format('schedule:%s:%s', schedule.id, period.n);
      if period.pays and (credits_find_by_key(acc.user_id, key)).seq is null then
        acc := credits_put_grant(acc, credits_allotment_type(schedule.kind), 'grant', schedule.credits,
          key, schedule.id,
          credits_period_expiry(schedule.kind, period.due_at, period.next_due_at, p_grace, acc.as_of),
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
