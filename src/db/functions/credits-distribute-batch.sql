-- credits_distribute_batch: grants what is due by `now` for up to `limit` due schedules from the
-- cursor on. Reads only due schedules, through their index, and passes over locked accounts: workers
-- side by side take different users, and as none is waited for, no order of locks can deadlock.
-- Users with one due period and nothing else to book (nearly all) are granted by one statement; the
-- others, and all of a batch in which that statement fails, one by one: a user whose grant fails is
-- rolled back alone, marked with the error and left alone until the next run. The run's row is
-- brought up to date in the same transaction.
--
-- The cursor (next due, user) spares a run walking over the index entries it has made dead itself.
create or replace function credits_distribute_batch(
  p_run_id uuid, p_now timestamptz, p_limit integer, p_grace interval,
  p_after_at timestamptz, p_after_user text
) returns table (
  scanned integer, users integer, errors integer, allotments integer, credits bigint,
  last_error text, next_at timestamptz, next_user text
) language plpgsql security definer
set search_path = public, pg_temp
-- Only look-ups by index: a batch must never be joined to a whole table, whatever the planner guesses.
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off as $$
declare
  one_by_one text[];
  acc credit_account;
  booked record;
begin
  users := 0; errors := 0; allotments := 0; credits := 0;
  begin
    select * into booked
    from credits_distribute_plain(p_run_id, p_now, p_limit, p_grace, p_after_at, p_after_user);
    users := booked.users; allotments := booked.allotments; credits := booked.credits;
    one_by_one := booked.others;
    scanned := booked.scanned; next_at := booked.next_at; next_user := booked.next_user;
  exception when others then
    -- Nobody of the batch was granted. Who could not be is found out one by one.
    select count(*), max(due.next_due_at),
      (array_agg(due.user_id order by due.next_due_at desc, due.user_id desc))[1], array_agg(due.user_id)
    into scanned, next_at, next_user, one_by_one
    from credits_lock_due(p_run_id, p_now, p_limit, p_after_at, p_after_user) due;
  end;

  for acc in
    select * from credit_account where user_id = any (one_by_one) order by user_id
  loop
    begin
      select * into booked from credits_distribute_user(acc, p_now, p_grace);
      -- Another worker may have been there between our snapshot and our lock.
      users := users + least(booked.schedules, 1);
      allotments := allotments + booked.allotments;
      credits := credits + booked.credits;
    exception when others then
      users := users + 1;
      errors := errors + 1;
      last_error := sqlerrm;
      update credit_schedule s
      set failed_run_id = p_run_id, failed_at = p_now, last_error = credits_distribute_batch.last_error
      where s.user_id = acc.user_id and s.next_due_at <= p_now;
    end;
  end loop;

  update distribution_run r
  set users_count = r.users_count + credits_distribute_batch.users,
    processed_count = r.processed_count + credits_distribute_batch.users - credits_distribute_batch.errors,
    error_count = r.error_count + credits_distribute_batch.errors,
    granted_credits = r.granted_credits + credits_distribute_batch.credits,
    last_error = coalesce(credits_distribute_batch.last_error, r.last_error),
    updated_at = greatest(r.updated_at, p_now)
  where r.id = p_run_id;
  return next;
end
$$;

-- credits_lock_due: the next due schedules in the order of their index, each with its account locked.
-- The schedule is locked with it so that a row which another worker has just moved on is seen as it
-- is now and left out.
create or replace function credits_lock_due(
  p_run_id uuid, p_now timestamptz, p_limit integer, p_after_at timestamptz, p_after_user text
) returns table (
  schedule_place tid, account_place tid, user_id text, id text, kind credit_schedule_kind,
  credits bigint, anchor_at timestamptz, next_n integer, next_due_at timestamptz,
  ends_at timestamptz, version bigint, balance bigint, is_quiet boolean
) language sql rows 5000 as $$
  select s.ctid, a.ctid, s.user_id, s.id, s.kind, s.credits, s.anchor_at, s.next_n, s.next_due_at,
    s.ends_at, a.version, a.balance, a.debt = 0 and a.held = 0 and a.as_of <= p_now
  from credit_schedule s join credit_account a on a.user_id = s.user_id
  where s.next_due_at is not null and s.next_due_at <= p_now
    and (s.next_due_at, s.user_id) > (p_after_at, p_after_user)
    and s.failed_run_id is distinct from p_run_id
  order by s.next_due_at, s.user_id limit p_limit
  for update of a, s skip locked
$$;

-- credits_distribute_plain: locks a batch and grants
-- those users to whom exactly one period of one schedule is due and for whom time has
-- nothing else to book: no debt, nothing held, no lot expired, no booking later than now. Answers
-- where the batch ended and who is left for the slow way.
--
-- One statement locks and the next one writes: a statement sees what was committed before it began,
-- and a lock may be got on a row version that was committed a moment later; an update by that version's
-- place (ctid) would change nothing. So the second statement, which sees all that is locked, reads the
-- rows again, and what it wrote is counted. Rows are found by their place, which the locks hold still:
-- the planner must never join a batch back to a whole table.
create or replace function credits_distribute_plain(
  p_run_id uuid, p_now timestamptz, p_limit integer, p_grace interval,
  p_after_at timestamptz, p_after_user text
) returns table (
  scanned integer, users integer, allotments integer, credits bigint, others text[],
  next_at timestamptz, next_user text
) language plpgsql as $$
declare
  schedule_places tid[];
  account_places tid[];
  seen integer;
  accounts_written integer;
  schedules_written integer;
begin
  select count(*), array_agg(schedule_place), array_agg(account_place),
    max(next_due_at), (array_agg(user_id order by next_due_at desc, user_id desc))[1]
  into scanned, schedule_places, account_places, next_at, next_user
  from credits_lock_due(p_run_id, p_now, p_limit, p_after_at, p_after_user);

  with locked as materialized (
    select place.*, s.user_id, s.id, s.kind, s.credits, s.anchor_at, s.next_n, s.next_due_at, s.ends_at,
      a.version, a.balance, a.debt = 0 and a.held = 0 and a.as_of <= p_now as is_quiet,
      credits_add_months(s.anchor_at, s.next_n + 1) as then_due_at
    from unnest(schedule_places, account_places) as place (schedule_place, account_place)
    join credit_schedule s on s.ctid = place.schedule_place
    join credit_account a on a.ctid = place.account_place
  ), due as materialized (
    select l.*,
      kind <> 'free' or not credits_paid_member_at(user_id, next_due_at) as pays,
      -- Who has two schedules due is served whole, by the slow way, and so counts once.
      is_quiet and then_due_at > p_now
        and not exists (
          select from credit_schedule o
          where o.user_id = l.user_id and o.id <> l.id and o.next_due_at <= p_now
        )
        and not exists (
          select from credit_lot o where o.user_id = l.user_id and o.is_open and o.expires_at <= p_now
        ) as plain
    from locked l
  ), granted as materialized (
    select *, version + 1 as seq,
      case kind
        when 'free' then 'MONTHLY_REFRESH' when 'yearly' then 'SUBSCRIPTION_RENEWAL' else 'LIFETIME_MONTHLY'
      end::credit_type as type,
      case when kind <> 'free' and p_now > next_due_at + interval '24 hours'
        then credits_add_months(p_now, 1) else then_due_at end + p_grace as expires_at
    from due where plain and pays
  ), transactions as (
    insert into credit_transaction (
      user_id, seq, type, operation, amount, balance_after, idempotency_key, source, booked_at, effective_at)
    select user_id, seq, type, 'grant', g.credits, balance + g.credits,
      'schedule:' || id || ':' || next_n, id, p_now, p_now
    from granted g
  ), lots as (
    insert into credit_lot (user_id, seq, type, source, amount, remaining, paid, granted_at, expires_at)
    select user_id, seq, type, id, g.credits, g.credits, kind <> 'free', p_now, expires_at from granted g
  ), accounts as (
    update credit_account a
    set balance = g.balance + g.credits, version = g.seq, as_of = p_now
    from granted g where a.ctid = g.account_place
    returning 1
  ), schedules as (
    update credit_schedule s
    set next_n = d.next_n + 1,
      next_due_at = case when d.ends_at is null or d.then_due_at < d.ends_at then d.then_due_at end,
      failed_run_id = null, failed_at = null, last_error = null
    from due d where d.plain and s.ctid = d.schedule_place
    returning 1
  )
  select count(*), count(*) filter (where plain), count(*) filter (where plain and pays),
    coalesce(sum(due.credits) filter (where plain and pays), 0),
    array_agg(user_id) filter (where not plain),
    (select count(*) from accounts), (select count(*) from schedules)
  into seen, credits_distribute_plain.users, credits_distribute_plain.allotments,
    credits_distribute_plain.credits, others, accounts_written, schedules_written
  from due;
  if (seen, accounts_written, schedules_written) is distinct from (scanned, allotments, users) then
    raise exception 'Of % locked schedules % were seen; % of % accounts and % of % schedules were written.',
      scanned, seen, accounts_written, allotments, schedules_written, users;
  end if;
  return next;
end
$$;

-- credits_distribute_user: all due periods of one locked account. A paid schedule is owed every
-- period; a free one only the current, and not even that to whoever was a paid member when it fell
-- due: then the period passes for good.
create or replace function credits_distribute_user(
  acc credit_account, p_now timestamptz, p_grace interval
) returns table (schedules integer, allotments integer, credits bigint) language plpgsql as $$
declare
  schedule credit_schedule;
  due timestamptz;
begin
  schedules := 0; allotments := 0; credits := 0;
  acc.as_of := greatest(acc.as_of, p_now);
  acc := credits_catch_up(acc);
  for schedule in
    select * from credit_schedule s
    where s.user_id = acc.user_id and s.next_due_at <= p_now
    order by s.next_due_at, s.id for update
  loop
    loop
      due := credits_add_months(schedule.anchor_at, schedule.next_n);
      exit when due > p_now or due >= schedule.ends_at;
      if schedule.kind <> 'free' or (
        credits_add_months(schedule.anchor_at, schedule.next_n + 1) > acc.as_of
        and not credits_paid_member_at(acc.user_id, due)
      ) then
        acc := credits_put_grant(acc,
          case schedule.kind
            when 'free' then 'MONTHLY_REFRESH'
            when 'yearly' then 'SUBSCRIPTION_RENEWAL'
            else 'LIFETIME_MONTHLY'
          end::credit_type,
          'grant', schedule.credits, format('schedule:%s:%s', schedule.id, schedule.next_n), schedule.id,
          case schedule.kind
            when 'free' then credits_add_months(schedule.anchor_at, schedule.next_n + 1) + p_grace
            else credits_allotment_expiry(schedule.anchor_at, schedule.next_n, p_grace, acc.as_of)
          end,
          schedule.kind <> 'free', 0);
        allotments := allotments + 1;
        credits := credits + schedule.credits;
      end if;
      schedule.next_n := schedule.next_n + 1;
    end loop;
    update credit_schedule s
    set next_n = schedule.next_n,
      next_due_at = case when schedule.ends_at is null or due < schedule.ends_at then due end,
      failed_run_id = null, failed_at = null, last_error = null
    where s.user_id = schedule.user_id and s.id = schedule.id;
    schedules := schedules + 1;
  end loop;
  perform credits_save_account(acc);
  return next;
end
$$;

-- credits_paid_member_at(user, t): was this user a paid member at t: inside the time some payment
-- for a membership covers (a lifetime's never ends; deletion and full refunds cut it).
create or replace function credits_paid_member_at(p_user text, p_at timestamptz)
returns boolean language sql stable as $$
  select exists (
    select from payment
    where user_id = p_user and member_until_at > p_at and member_from_at <= p_at)
$$;

-- credits_distribution_preview: what a run at `now` would do, reading only.
create or replace function credits_distribution_preview(p_now timestamptz)
returns table (users bigint, allotments bigint, credits bigint, expiring_users bigint, expiring_lots bigint, expiring_credits bigint)
language sql stable as $$
  with periods as (
    select s.user_id, s.credits
    from credit_schedule s
    cross join lateral generate_series(
      s.next_n,
      s.next_n + (12 * extract(year from age(p_now, s.next_due_at)) + extract(month from age(p_now, s.next_due_at)))::integer + 1
    ) as n
    cross join lateral (select credits_add_months(s.anchor_at, n) as due) d
    where s.next_due_at is not null and s.next_due_at <= p_now
      and d.due <= p_now and (s.ends_at is null or d.due < s.ends_at)
      and (s.kind <> 'free' or (
        credits_add_months(s.anchor_at, n + 1) > p_now and not credits_paid_member_at(s.user_id, d.due)))
  ), expiring as (
    select user_id, remaining from credit_lot
    where is_open and expires_at is not null and expires_at <= p_now
  )
  select (select count(distinct user_id) from credit_schedule where next_due_at is not null and next_due_at <= p_now),
    (select count(*) from periods), (select coalesce(sum(credits), 0)::bigint from periods),
    (select count(distinct user_id) from expiring), (select count(*) from expiring),
    (select coalesce(sum(remaining), 0)::bigint from expiring)
$$;
