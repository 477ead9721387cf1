-- credits_distribute_batch: grants what is due by `now` to the users of up to `limit` due schedules
-- from the cursor on, each with all that is due to them. Reads only due schedules, through their
-- index, and passes over accounts that are locked: workers side by side take different users, and
-- as none is waited for, no order of locks can deadlock. Users with one due period and nothing else
-- to book (nearly all) are granted by one statement; the others, and all of a batch in which that
-- statement fails, one by one: a user whose grant fails is rolled back alone, marked with the error
-- and left alone until the next run. The run's row is brought up to date in the same transaction.
--
-- The cursor (next due, user) spares a run walking over the index entries it has made dead itself.
create or replace function credits_distribute_batch(
  p_run_id uuid, p_now timestamptz, p_limit integer, p_grace interval,
  p_after_at timestamptz, p_after_user text
) returns table (
  scanned integer, users integer, errors integer, allotments integer, credits bigint,
  last_error text, next_at timestamptz, next_user text
) language plpgsql security definer
set search_path = public, pg_temp set random_page_cost = 1.1 as $$
declare
  due_users text[];
  one_by_one text[];
  acc credit_account;
  booked record;
begin
  users := 0; errors := 0; allotments := 0; credits := 0;
  select count(*), max(due.next_due_at), max(due.user_id) filter (where due.is_last), array_agg(distinct due.user_id)
  into scanned, next_at, next_user, due_users
  from (
    select locked.*, row_number() over (order by locked.next_due_at desc, locked.user_id desc) = 1 as is_last
    from (
      select s.user_id, s.next_due_at
      from credit_schedule s join credit_account a on a.user_id = s.user_id
      where s.next_due_at is not null and s.next_due_at <= p_now
        and (s.next_due_at, s.user_id) > (p_after_at, p_after_user)
        and s.failed_run_id is distinct from p_run_id
      order by s.next_due_at, s.user_id limit p_limit
      for update of a skip locked
    ) locked
  ) due;

  begin
    select * into booked from credits_distribute_plain(due_users, p_now, p_grace);
    users := booked.users; allotments := booked.allotments; credits := booked.credits;
    one_by_one := booked.others;
  exception when others then
    one_by_one := due_users;
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

-- credits_distribute_plain: one statement for all those locked users to whom exactly one period of
-- one schedule is due and for whom time has nothing else to book: no debt, nothing held, no lot
-- expired, no booking later than now. Answers who is left for the slow way.
create or replace function credits_distribute_plain(p_users text[], p_now timestamptz, p_grace interval)
returns table (users integer, allotments integer, credits bigint, others text[])
language plpgsql set random_page_cost = 1.1 as $$
begin
  with due as materialized (
    select s.user_id, s.id, s.kind, s.credits, s.anchor_at, s.next_n, s.next_due_at, s.ends_at,
      a.version, a.balance,
      credits_add_months(s.anchor_at, s.next_n + 1) as then_due_at,
      s.kind <> 'free' or not credits_paid_member_at(s.user_id, s.next_due_at) as pays,
      a.debt = 0 and a.held = 0 and a.as_of <= p_now
        and count(*) over (partition by s.user_id) = 1
        and credits_add_months(s.anchor_at, s.next_n + 1) > p_now
        and not exists (
          select from credit_lot l
          where l.user_id = s.user_id and l.is_open and l.expires_at <= p_now) as plain
    from credit_schedule s join credit_account a on a.user_id = s.user_id
    where s.user_id = any (p_users) and s.next_due_at <= p_now
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
      format('schedule:%s:%s', id, next_n), id, p_now, p_now
    from granted g
  ), lots as (
    insert into credit_lot (user_id, seq, type, source, amount, remaining, paid, granted_at, expires_at)
    select user_id, seq, type, id, g.credits, g.credits, kind <> 'free', p_now, expires_at from granted g
  ), accounts as (
    update credit_account a
    set balance = a.balance + g.credits, version = g.seq, as_of = p_now
    from granted g where a.user_id = g.user_id
  ), schedules as (
    update credit_schedule s
    set next_n = s.next_n + 1,
      next_due_at = case when d.ends_at is null or d.then_due_at < d.ends_at then d.then_due_at end,
      failed_run_id = null, failed_at = null, last_error = null
    from due d where d.plain and s.user_id = d.user_id and s.id = d.id
  )
  select count(*) filter (where plain), count(*) filter (where plain and pays),
    coalesce(sum(due.credits) filter (where plain and pays), 0),
    array_agg(distinct user_id) filter (where not plain)
  into credits_distribute_plain.users, credits_distribute_plain.allotments,
    credits_distribute_plain.credits, others
  from due;
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
        credits_add_months(schedule.anchor_at, schedule.next_n + 1) > p_now
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
