-- credits_expire_batch: books what time has done for users whose lots expired or whose holds lapsed by
-- `now`: the users of up to `limit` lots from the cursor on, and of up to `limit` holds. Reads only
-- what is due, through the expiry indexes, and passes over accounts that are locked. Users with
-- nothing held (nearly all) are booked by one statement; the others, and all of a batch in which
-- that statement fails, one by one: a user whose booking fails is rolled back alone and answered in
-- `failed_users`, which the caller hands to the next batch. The run's row, if given, is brought up
-- to date in the same transaction.
create or replace function credits_expire_batch(
  p_run_id uuid, p_now timestamptz, p_limit integer, p_failed_users text[],
  p_after_at timestamptz, p_after_user text
) returns table (
  scanned integer, users integer, lots integer, credits bigint, failed_users text[],
  last_error text, next_at timestamptz, next_user text
) language plpgsql security definer
set search_path = public, pg_temp set random_page_cost = 1.1 as $$
declare
  due_users text[];
  lapsed_users text[];
  one_by_one text[];
  acc credit_account;
  booked record;
  before_version bigint;
  before_total bigint;
begin
  users := 0; lots := 0; credits := 0; failed_users := p_failed_users;
  select count(*), max(due.expires_at), max(due.user_id) filter (where due.is_last), array_agg(distinct due.user_id)
  into scanned, next_at, next_user, due_users
  from (
    select locked.*, row_number() over (order by locked.expires_at desc, locked.user_id desc) = 1 as is_last
    from (
      select l.user_id, l.expires_at from credit_lot l join credit_account a on a.user_id = l.user_id
      where l.is_open and l.expires_at is not null and l.expires_at <= p_now
        and (l.expires_at, l.user_id) > (p_after_at, p_after_user)
        and l.user_id <> all (p_failed_users)
      order by l.expires_at, l.user_id limit p_limit
      for update of a skip locked
    ) locked
  ) due;
  select greatest(scanned, count(*)), array_agg(distinct lapsed.user_id) into scanned, lapsed_users
  from (
    select h.user_id from credit_hold h join credit_account a on a.user_id = h.user_id
    where h.status = 'open' and h.expires_at <= p_now and h.user_id <> all (p_failed_users)
    order by h.expires_at, h.user_id limit p_limit
    for update of a skip locked
  ) lapsed;

  next_at := coalesce(next_at, p_after_at);
  next_user := coalesce(next_user, p_after_user);

  begin
    select * into booked from credits_expire_plain(due_users, p_now);
    users := booked.users; lots := booked.lots; credits := booked.credits;
    one_by_one := booked.others || lapsed_users;
  exception when others then
    one_by_one := due_users || lapsed_users;
  end;

  for acc in
    select * from credit_account where user_id = any (one_by_one) order by user_id
  loop
    begin
      before_version := acc.version;
      before_total := acc.balance + acc.held;
      acc.as_of := greatest(acc.as_of, p_now);
      acc := credits_catch_up(acc);
      perform credits_save_account(acc);
      users := users + 1;
      lots := lots + (acc.version - before_version)::integer;
      credits := credits + before_total - acc.balance - acc.held;
    exception when others then
      failed_users := failed_users || acc.user_id;
      last_error := sqlerrm;
    end;
  end loop;

  update distribution_run r
  set expired_count = r.expired_count + credits_expire_batch.lots,
    expired_credits = r.expired_credits + credits_expire_batch.credits,
    error_count = r.error_count + cardinality(credits_expire_batch.failed_users) - cardinality(p_failed_users),
    users_count = r.users_count + cardinality(credits_expire_batch.failed_users) - cardinality(p_failed_users),
    last_error = coalesce(credits_expire_batch.last_error, r.last_error),
    updated_at = greatest(r.updated_at, p_now)
  where r.id = p_run_id;
  return next;
end
$$;

-- credits_expire_plain: one statement for all those locked users with nothing held and no booking
-- later than now: one EXPIRE row a lot, in the order in which the lots expired. Answers who is left
-- for the slow way.
create or replace function credits_expire_plain(p_users text[], p_now timestamptz)
returns table (users integer, lots integer, credits bigint, others text[])
language plpgsql set random_page_cost = 1.1 as $$
begin
  with expired as materialized (
    select l.user_id, l.seq as lot_seq, l.remaining, l.source, l.expires_at,
      a.version + row_number() over (partition by l.user_id order by l.expires_at, l.seq) as seq,
      a.balance - sum(l.remaining) over (
        partition by l.user_id order by l.expires_at, l.seq rows unbounded preceding) as balance_after
    from credit_account a join credit_lot l on l.user_id = a.user_id
    where a.user_id = any (p_users) and a.held = 0 and a.as_of <= p_now
      and l.is_open and l.expires_at <= p_now
  ), transactions as (
    insert into credit_transaction (
      user_id, seq, type, operation, amount, balance_after, idempotency_key, source, lot_seq, booked_at, effective_at)
    select user_id, seq, 'EXPIRE', 'expire', -remaining, balance_after,
      format('lot:%s:%s:expire', lot_seq, seq), source, lot_seq, p_now, expires_at
    from expired
  ), emptied as (
    update credit_lot l set remaining = 0
    from expired e where l.user_id = e.user_id and l.seq = e.lot_seq
  ), accounts as (
    update credit_account a
    set balance = a.balance - e.credits, version = a.version + e.lots, as_of = p_now
    from (select user_id, sum(remaining) as credits, count(*) as lots from expired group by user_id) e
    where a.user_id = e.user_id
  )
  select count(distinct user_id), count(*), coalesce(sum(remaining), 0)
  into credits_expire_plain.users, credits_expire_plain.lots, credits_expire_plain.credits
  from expired;
  select array_agg(a.user_id) into others
  from credit_account a where a.user_id = any (p_users) and (a.held > 0 or a.as_of > p_now);
  return next;
end
$$;
