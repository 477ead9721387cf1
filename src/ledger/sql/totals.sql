-- Daily totals: the changes of all balances by effective UTC day and type, so that reports do not
-- read the whole ledger.

-- credits_day_totals: the changes of all users' balances that took effect on the UTC days from `from`
-- to before `to`, by day and type, as of `at`. An expiry counts on the day it happened, whether or not
-- it is booked. One snapshot of the stored totals, of the rows booked since (credits_roll_up) and of
-- unbooked expiries. Reads only.
create or replace function credits_day_totals(p_from date, p_to date, p_at timestamptz)
returns table (day date, type credit_type, transactions bigint, credits_in bigint, credits_out bigint)
language plpgsql stable rows 4000 as $$
begin
  -- Dynamic, so that the planner sees the watermark's value and knows how few rows follow it.
  return query execute $totals$
    with tail as (
      select (t.effective_at at time zone 'UTC')::date as day, t.type, t.amount
      from credit_transaction t where t.booked_at >= $1
      union all
      select (e.effective_at at time zone 'UTC')::date, 'EXPIRE'::credit_type, -e.amount
      from credits_unbooked_expiries($4) e
    )
    select day, type, sum(transactions)::bigint, sum(credits_in)::bigint, sum(credits_out)::bigint
    from (
      select day, type, transactions, credits_in, credits_out
      from credit_day_total
      union all
      select day, type, count(*), coalesce(sum(amount) filter (where amount > 0), 0),
        coalesce(sum(amount) filter (where amount < 0), 0)
      from tail group by day, type
    ) part
    where day >= $2 and day < $3
    group by day, type order by day, type
  $totals$ using coalesce((select rolled_to from credit_roll_up where id = 1), '-infinity'),
    p_from, p_to, p_at;
end
$$;

-- credits_roll_up: adds what was booked before some instant to the daily totals. Returns whether more
-- can be added at once. Locks the one row of credit_roll_up; waits for no writer and blocks none.
--
-- Nothing takes effect after it is booked and no row changes, so one instant divides the ledger: rows
-- booked before `rolled_to` are in credit_day_total, all others are read from the ledger. That holds
-- only if no write books before `rolled_to` afterwards, so it moves in two steps. A call records its
-- target (`to`, an hour ago, but not beyond a running distribution's instant) and its transaction
-- number; a later call moves there once every transaction below that number has ended. A transaction
-- that began to write later read a clock that was an hour past the target. What remains is a run as of
-- the past, which credits_check_roll_up finds.
create or replace function credits_roll_up(p_to timestamptz, p_step interval)
returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
declare
  progress credit_roll_up;
  upto timestamptz;
begin
  insert into credit_roll_up (id) values (1) on conflict do nothing;
  select * into progress from credit_roll_up where id = 1 for update;

  if progress.next_to is not null then
    if pg_snapshot_xmin(pg_current_snapshot())::text::bigint < progress.next_xid then
      return false;
    end if;
    if progress.rolled_to = '-infinity' then
      -- Only once per database: find where its ledger begins.
      select coalesce(min(booked_at), progress.next_to) into progress.rolled_to from credit_transaction;
    end if;
    upto := least(progress.next_to, greatest(progress.rolled_to, progress.rolled_to + p_step));
    perform credits_sum_days(progress.rolled_to, upto);
    progress.rolled_to := greatest(progress.rolled_to, upto);
    if progress.rolled_to < progress.next_to then
      update credit_roll_up set rolled_to = progress.rolled_to where id = 1;
      return true;
    end if;
  end if;

  select least(p_to, min(as_of)) into progress.next_to from distribution_run where status = 'running';
  if progress.next_to <= progress.rolled_to then
    progress.next_to := null;
  end if;
  update credit_roll_up
  set rolled_to = progress.rolled_to, next_to = progress.next_to,
    next_xid = case when progress.next_to is not null
      then pg_current_xact_id()::text::bigint end
  where id = 1;
  return false;
end
$$;

-- credits_sum_days: adds what was booked in [from, to) to the totals of its days. Dynamic, so that it
-- is planned for these instants: a few days use the block-range index, all of them a full scan.
create or replace function credits_sum_days(p_from timestamptz, p_to timestamptz)
returns void language plpgsql as $$
begin
  execute $sum$
    insert into credit_day_total as total (day, type, transactions, credits_in, credits_out)
    select (effective_at at time zone 'UTC')::date, type, count(*),
      coalesce(sum(amount) filter (where amount > 0), 0),
      coalesce(sum(amount) filter (where amount < 0), 0)
    from credit_transaction
    where booked_at >= $1 and booked_at < $2
    group by 1, 2
    on conflict (day, type) do update
    set transactions = total.transactions + excluded.transactions,
      credits_in = total.credits_in + excluded.credits_in,
      credits_out = total.credits_out + excluded.credits_out
  $sum$ using p_from, p_to;
end
$$;

-- credits_check_roll_up: verifies the totals against the accounts, which number their transactions
-- without a gap: all versions are the count of transactions, all balances and holds their sum. If they
-- differ (someone booked before `rolled_to`), recomputes everything in this transaction. Returns
-- whether the totals were right. Reads every account; locks none.
create or replace function credits_check_roll_up()
returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
declare
  watermark timestamptz;
  was_right boolean;
begin
  select rolled_to into watermark from credit_roll_up where id = 1 for update;
  if not found or watermark = '-infinity' then
    return true;
  end if;
  execute $check$
    select (account.transactions, account.credits) = (total.transactions + tail.transactions, total.credits + tail.credits)
    from
      (select coalesce(sum(version), 0) as transactions, coalesce(sum(balance + held), 0) as credits
        from credit_account) account,
      (select coalesce(sum(transactions), 0) as transactions, coalesce(sum(credits_in + credits_out), 0) as credits
        from credit_day_total) total,
      (select count(*) as transactions, coalesce(sum(amount), 0) as credits
        from credit_transaction where booked_at >= $1) tail
  $check$ into was_right using watermark;
  if not was_right then
    delete from credit_day_total;
    perform credits_sum_days('-infinity', watermark);
  end if;
  return was_right;
end
$$;
