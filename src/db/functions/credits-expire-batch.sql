-- credits_expire_batch: books what time has done, for up to `limit` expired lots from the cursor on
-- and up to `limit` lapsed holds. Reads only what is due, through the expiry indexes, and passes over
-- locked accounts, whose own next write books the same. Lots of users with nothing held (nearly all)
-- are booked by one statement; the others, and all of a batch in which that statement fails, user by
-- user: one whose booking fails is rolled back alone and answered in `failed_users`, which the caller
-- hands to the next batch. The run's row, if given, is brought up to date in the same transaction.
--
-- The cursor (expires at, user) spares a run walking over the index entries it has made dead itself.
create or replace function credits_expire_batch(
  p_run_id uuid, p_now timestamptz, p_limit integer, p_failed_users text[],
  p_after_at timestamptz, p_after_user text
) returns table (
  scanned integer, users integer, lots integer, credits bigint, failed_users text[],
  last_error text, next_at timestamptz, next_user text
) language plpgsql security definer
set search_path = public, pg_temp
-- Only look-ups by index: a batch must never be joined to a whole table, whatever the planner guesses.
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off as $$
declare
  one_by_one text[];
  lapsed_users text[];
  acc credit_account;
  booked record;
  before_version bigint;
  before_total bigint;
  errors integer;
begin
  users := 0; lots := 0; credits := 0; failed_users := p_failed_users;
  begin
    select * into booked
    from credits_expire_plain(p_now, p_limit, p_failed_users, p_after_at, p_after_user);
    users := booked.users; lots := booked.lots; credits := booked.credits;
    one_by_one := booked.others;
    scanned := booked.scanned; next_at := booked.next_at; next_user := booked.next_user;
  exception when others then
    -- Nothing of the batch was booked. Whose lots could not be is found out one by one.
    select count(*), max(due.expires_at),
      (array_agg(due.user_id order by due.expires_at desc, due.user_id desc))[1], array_agg(due.user_id)
    into scanned, next_at, next_user, one_by_one
    from credits_lock_expired(p_now, p_limit, p_failed_users, p_after_at, p_after_user) due;
  end;
  select greatest(scanned, count(*)), array_agg(lapsed.user_id) into scanned, lapsed_users
  from (
    select h.user_id from credit_hold h join credit_account a on a.user_id = h.user_id
    where h.status = 'open' and h.expires_at <= p_now and h.user_id <> all (p_failed_users)
    order by h.expires_at, h.user_id limit p_limit
    for update of a skip locked
  ) lapsed;
  next_at := coalesce(next_at, p_after_at);
  next_user := coalesce(next_user, p_after_user);

  for acc in
    select * from credit_account where user_id = any (one_by_one || lapsed_users) order by user_id
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

  -- Who has an allotment due as well fails there too, and is counted there.
  select count(*) into errors
  from unnest(failed_users[cardinality(p_failed_users) + 1:]) failed
  where not exists (
    select from credit_schedule s where s.user_id = failed and s.next_due_at <= p_now);
  update distribution_run r
  set expired_count = r.expired_count + credits_expire_batch.lots,
    expired_credits = r.expired_credits + credits_expire_batch.credits,
    error_count = r.error_count + errors,
    users_count = r.users_count + errors,
    last_error = coalesce(credits_expire_batch.last_error, r.last_error),
    updated_at = greatest(r.updated_at, p_now)
  where r.id = p_run_id;
  return next;
end
$$;

-- credits_lock_expired: the next expired lots in the order of their index, each with its account
-- locked. The lot is locked with it so that one which somebody has just emptied is left out.
create or replace function credits_lock_expired(
  p_now timestamptz, p_limit integer, p_failed_users text[], p_after_at timestamptz, p_after_user text
) returns table (
  lot_place tid, account_place tid, user_id text, lot_seq bigint, remaining bigint, source text,
  expires_at timestamptz, version bigint, balance bigint, is_quiet boolean
) language sql rows 5000 as $$
  select l.ctid, a.ctid, l.user_id, l.seq, l.remaining, l.source, l.expires_at, a.version, a.balance,
    a.held = 0 and a.as_of <= p_now
  from credit_lot l join credit_account a on a.user_id = l.user_id
  where l.is_open and l.expires_at is not null and l.expires_at <= p_now
    -- Not beyond the cursor: a user can have two lots of one instant, and a batch end between them.
    and (l.expires_at, l.user_id) >= (p_after_at, p_after_user)
    and l.user_id <> all (p_failed_users)
  order by l.expires_at, l.user_id limit p_limit
  for update of a, l skip locked
$$;

-- credits_expire_plain: locks a batch of expired lots and books those of users with nothing held and
-- no booking later than now: one EXPIRE row a lot, in the order in which they expired. Answers where
-- the batch ended and who is left for the slow way. One statement locks and the next one writes and is
-- counted, for the reasons told at `credits_distribute_plain`.
create or replace function credits_expire_plain(
  p_now timestamptz, p_limit integer, p_failed_users text[], p_after_at timestamptz, p_after_user text
) returns table (
  scanned integer, users integer, lots integer, credits bigint, others text[],
  next_at timestamptz, next_user text
) language plpgsql as $$
declare
  lot_places tid[];
  account_places tid[];
  seen integer;
  lots_written integer;
  accounts_written integer;
begin
  select count(*), array_agg(lot_place), array_agg(account_place),
    max(expires_at), (array_agg(user_id order by expires_at desc, user_id desc))[1]
  into scanned, lot_places, account_places, next_at, next_user
  from credits_lock_expired(p_now, p_limit, p_failed_users, p_after_at, p_after_user);

  with locked as materialized (
    select place.*, l.user_id, l.seq as lot_seq, l.remaining, l.source, l.expires_at,
      a.version, a.balance, a.held = 0 and a.as_of <= p_now as is_quiet
    from unnest(lot_places, account_places) as place (lot_place, account_place)
    join credit_lot l on l.ctid = place.lot_place
    join credit_account a on a.ctid = place.account_place
  ), expired as materialized (
    select l.*, version + row_number() over in_order as seq,
      balance - sum(remaining) over in_order as balance_after
    from locked l where is_quiet
    window in_order as (partition by user_id order by expires_at, lot_seq rows unbounded preceding)
  ), transactions as (
    insert into credit_transaction (
      user_id, seq, type, operation, amount, balance_after, idempotency_key, source, lot_seq, booked_at, effective_at)
    select user_id, seq, 'EXPIRE', 'expire', -remaining, balance_after,
      'lot:' || lot_seq || ':' || seq || ':expire', source, lot_seq, p_now, expires_at
    from expired
  ), emptied as (
    update credit_lot l set remaining = 0 from expired e where l.ctid = e.lot_place
    returning 1
  ), accounts as (
    update credit_account a
    set balance = e.balance_after, version = e.seq, as_of = p_now
    from (
      select distinct on (user_id) account_place, balance_after, seq from expired
      order by user_id, seq desc
    ) e
    where a.ctid = e.account_place
    returning 1
  )
  select count(*), count(distinct user_id) filter (where is_quiet), count(*) filter (where is_quiet),
    coalesce(sum(remaining) filter (where is_quiet), 0), array_agg(user_id) filter (where not is_quiet),
    (select count(*) from emptied), (select count(*) from accounts)
  into seen, credits_expire_plain.users, credits_expire_plain.lots, credits_expire_plain.credits,
    others, lots_written, accounts_written
  from locked;
  if (seen, lots_written, accounts_written) is distinct from (scanned, lots, users) then
    raise exception 'Of % locked lots % were seen; % of % lots and % of % accounts were written.',
      scanned, seen, lots_written, lots, accounts_written, users;
  end if;
  return next;
end
$$;
