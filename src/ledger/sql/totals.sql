-- credits_roll_up: sums what was booked before some instant by effective UTC day and type, so that a
-- report need not read the ledger. Answers whether there is more to sum at once.
--
-- Nothing takes effect after it is booked and no row ever changes, so one instant divides the ledger:
-- every row booked before `rolled_to` is in credit_day_total, every other is read from the ledger.
-- That holds only if nobody books before `rolled_to` any more. So it is moved in two steps: a call
-- notes where it wants to go (p_to, an hour ago, and not beyond the instant a running distribution
-- books at) and its own transaction number; a later call goes there once every transaction below
-- that number has ended. One that began to write later took its time from a clock that had passed
-- p_to by an hour. A run as of the past is what is left, and credits_check_roll_up finds it.
--
-- Locks the one row of credit_roll_up; waits for no writer, and no writer waits for it.
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
      -- Once in a database's life: finds where its ledger begins.
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

-- credits_sum_days(from, to): adds what was booked in [from, to) to the totals of its days. Planned
-- for these instants: the block-range index serves a few days, a read of the table all of them.
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

-- credits_check_roll_up: proves the totals against the accounts, which number their transactions
-- without a gap: all versions together are the count of transactions, all balances and holds together
-- their sum. If they are not (somebody booked before `rolled_to` afterwards), sums everything anew in
-- this transaction. Answers whether the totals were right. Reads every account; locks none.
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
