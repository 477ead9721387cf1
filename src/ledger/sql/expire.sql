-- Expiry: booking expired lots and lapsed holds in batches of one transaction each.

-- credits_expire_batch: books expired lots and lapsed holds for the users of up to `limit` expired
-- lots after the cursor (expires at, user) and of up to `limit` lapsed holds. Reads due rows only,
-- through the expiry indexes, and skips locked accounts, whose own next write books the same.
--
-- Users with nothing held (nearly all) are booked by one statement. The others are booked one by one,
-- and so is every user of a batch whose statement fails. A user whose booking fails is rolled back
-- alone, recorded with the error, and skipped until the next run. A run counts each user once: one with
-- an allotment due is counted when it is granted. The run's row is updated in the same transaction, as
-- of the real time `clock`. A sweep has no run (null), counts no users and skips every user with a
-- recorded failure. Requires READ COMMITTED: at a stricter level Postgres refuses to lock changed rows.
create or replace function credits_expire_batch(
  p_run_id uuid, p_now timestamptz, p_clock timestamptz, p_limit integer,
  p_after_at timestamptz, p_after_user text
) returns table (
  scanned integer, users integer, errors integer, last_error text, next_at timestamptz, next_user text
) language plpgsql security definer
set search_path = public, pg_temp
-- Index lookups only: a batch must never be joined to a whole table, whatever the planner estimates.
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off as $$
declare
  one_by_one text[];
  lapsed_users text[];
  acc credit_account;
  booked record;
  before_version bigint;
  before_total bigint;
  lots integer := 0;
  credits bigint := 0;
begin
  users := 0; errors := 0;
  begin
    select * into booked from credits_expire_plain(p_run_id, p_now, p_limit, p_after_at, p_after_user);
    users := booked.users; lots := booked.lots; credits := booked.credits; one_by_one := booked.others;
    scanned := booked.scanned; next_at := booked.next_at; next_user := booked.next_user;
  exception when others then
    -- Nothing of the batch was booked; book its users one by one.
    select count(*), max(due.due_at), (array_agg(due.user_id order by due.nth desc))[1], array_agg(due.user_id)
    into scanned, next_at, next_user, one_by_one
    from credits_lock_expired(p_run_id, p_now, p_limit, p_after_at, p_after_user)
      with ordinality as due (account_place, user_id, due_at, nth);
  end;
  select greatest(scanned, count(*)), array_agg(lapsed.user_id) into scanned, lapsed_users
  from (
    select due.user_id
    from credits_lapsed_holds(p_run_id, p_now) due join credit_account a on a.user_id = due.user_id
    order by due.due_at, due.user_id limit p_limit
    for update of a skip locked
  ) lapsed;
  next_at := coalesce(next_at, p_after_at);
  next_user := coalesce(next_user, p_after_user);

  perform credits_lock_limits_of_holds(one_by_one || lapsed_users, null, 'infinity');
  for acc in
    select * from credit_account where user_id = any (one_by_one || lapsed_users) order by user_id
  loop
    begin
      before_version := acc.version;
      before_total := acc.balance + acc.held;
      acc.as_of := greatest(acc.as_of, p_now);
      acc := credits_catch_up(acc);
      perform credits_save_account(acc);
      delete from distribution_failure f where f.user_id = acc.user_id and f.stage = 'expiry';
      if acc.version > before_version and credits_counts_at_expiry(acc.user_id, p_now) then
        users := users + 1;
      end if;
      lots := lots + (acc.version - before_version)::integer;
      credits := credits + before_total - acc.balance - acc.held;
    exception when others then
      -- A serialization failure or deadlock is no user's fault: the whole batch can be retried.
      if sqlstate like '40%' then
        raise;
      end if;
      last_error := sqlerrm;
      if credits_note_failure(acc.user_id, p_run_id, 'expiry', sqlerrm, p_clock) then
        users := users + 1;
        errors := errors + 1;
      end if;
    end;
  end loop;

  update distribution_run r
  set expired_count = r.expired_count + lots,
    expired_credits = r.expired_credits + credits,
    users_count = r.users_count + users,
    processed_count = r.processed_count + users - errors,
    error_count = r.error_count + errors,
    last_error = coalesce(credits_expire_batch.last_error, r.last_error),
    updated_at = greatest(r.updated_at, p_clock)
  where r.id = p_run_id;
  return next;
end
$$;

-- credits_counts_at_expiry: whether a run counts a user with the expiry, and not with a due allotment.
create or replace function credits_counts_at_expiry(p_user text, p_now timestamptz)
returns boolean language sql stable as $$
  select not exists (
    select from credit_schedule s where s.user_id = p_user and (s.next_due_at <= p_now) is true)
$$;

-- credits_lock_expired: the accounts of the next expired lots, in index order, each locked. A later
-- statement reads what remains on the lots.
create or replace function credits_lock_expired(
  p_run_id uuid, p_now timestamptz, p_limit integer, p_after_at timestamptz, p_after_user text
) returns table (account_place tid, user_id text, due_at timestamptz) language sql rows 5000 as $$
  select a.ctid, due.user_id, due.due_at
  from credits_expired_lots(p_run_id, p_now) due join credit_account a on a.user_id = due.user_id
  where (due.due_at, due.user_id) > (p_after_at, p_after_user)
  order by due.due_at, due.user_id limit p_limit
  for update of a skip locked
$$;

-- credits_expire_plain: locks the accounts of a batch of expired lots and books every expired lot, in
-- the batch or not, of those with nothing held, no booking later than now and no earlier failure: one
-- EXPIRE row for each lot, in the order in which they expired. Returns where the batch ended and the
-- other users. One statement locks and the next one writes, for the reasons at
-- credits_distribute_plain.
create or replace function credits_expire_plain(
  p_run_id uuid, p_now timestamptz, p_limit integer, p_after_at timestamptz, p_after_user text
) returns table (
  scanned integer, users integer, lots integer, credits bigint, others text[],
  next_at timestamptz, next_user text
) language plpgsql as $$
declare
  places tid[];
  accounts_seen integer;
  accounts_expired integer;
  accounts_written integer;
  lots_written integer;
begin
  select count(*), array_agg(distinct locked.account_place),
    max(locked.due_at), (array_agg(locked.user_id order by locked.nth desc))[1]
  into scanned, places, next_at, next_user
  from credits_lock_expired(p_run_id, p_now, p_limit, p_after_at, p_after_user)
    with ordinality as locked (account_place, user_id, due_at, nth);

  with account as materialized (
    select place.nth, place.at as account_place, a.user_id, a.version, a.balance,
      a.held = 0 and a.as_of <= p_now
        and not exists (
          select from distribution_failure f where f.user_id = a.user_id offset 0) as is_quiet
    from unnest(places) with ordinality as place (at, nth) join credit_account a on a.ctid = place.at
  ), expired as materialized (
    select a.*, l.ctid as lot_place, l.seq as lot_seq, l.remaining, l.source, l.expires_at,
      a.version + row_number() over in_order as seq,
      a.balance - sum(l.remaining) over in_order as balance_after,
      lead(l.seq) over in_order is null as is_last
    from account a
    join credit_lot l on l.user_id = a.user_id and l.is_open and (l.expires_at <= p_now) is true
    where a.is_quiet
    window in_order as (partition by a.nth order by l.expires_at, l.seq rows unbounded preceding)
  ), transactions as (
    insert into credit_transaction (
      user_id, seq, type, operation, amount, balance_after, idempotency_key, source, lot_seq, booked_at, effective_at)
    select user_id, seq, 'EXPIRE', 'expire', -remaining, balance_after,
      credits_expiry_key(lot_seq, seq), source, lot_seq, p_now, expires_at
    from expired
  ), emptied as (
    update credit_lot l set remaining = 0 from expired e where l.ctid = e.lot_place
    returning 1
  ), accounts as (
    update credit_account a
    set balance = e.balance_after, version = e.seq, as_of = p_now
    from expired e where e.is_last and a.ctid = e.account_place
    returning 1
  )
  select count(*), coalesce(sum(remaining), 0), count(*) filter (where is_last),
    count(*) filter (where is_last and not exists (
      select from credit_schedule s where s.user_id = e.user_id and (s.next_due_at <= p_now) is true offset 0)),
    (select array_agg(user_id) from account where not is_quiet), (select count(*) from account),
    (select count(*) from accounts), (select count(*) from emptied)
  into lots, credits, accounts_expired, users, others, accounts_seen, accounts_written, lots_written
  from expired e;
  if (accounts_seen, accounts_written, lots_written)
    is distinct from (coalesce(cardinality(places), 0), accounts_expired, lots) then
    raise exception 'Of % locked accounts % were seen; % of % accounts and % of % lots were written.',
      cardinality(places), accounts_seen, accounts_written, accounts_expired, lots_written, lots;
  end if;
  return next;
end
$$;

-- credits_expired_lots: the lots that expired by `now` with a remainder, without the users the run has
-- failed for. Without a run, every user with a recorded failure is omitted. Inlined.
create or replace function credits_expired_lots(p_run_id uuid, p_now timestamptz)
returns table (user_id text, due_at timestamptz) language sql stable as $$
  select l.user_id, l.expires_at from credit_lot l
  where l.is_open and l.expires_at is not null and l.expires_at <= p_now
    and not exists (
      select from distribution_failure f
      where f.user_id = l.user_id and (p_run_id is null or f.run_id = p_run_id))
$$;

-- credits_lapsed_holds: the holds that lapsed by `now`, without the same users. Inlined.
create or replace function credits_lapsed_holds(p_run_id uuid, p_now timestamptz)
returns table (user_id text, due_at timestamptz) language sql stable as $$
  select h.user_id, h.expires_at from credit_hold h
  where h.status = 'open' and h.expires_at <= p_now
    and not exists (
      select from distribution_failure f
      where f.user_id = h.user_id and (p_run_id is null or f.run_id = p_run_id))
$$;

-- credits_is_anything_expired: whether a lot or hold is overdue. Uses indexes only, like
-- credits_is_anything_due.
create or replace function credits_is_anything_expired(p_run_id uuid, p_now timestamptz)
returns boolean language sql stable
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off as $$
  select exists (select from credits_expired_lots(p_run_id, p_now))
    or exists (select from credits_lapsed_holds(p_run_id, p_now))
$$;

-- credits_move_expiry: moves the expiry of a source's trial lots that have not expired, to the account's
-- time at the earliest, so that no past balance changes. A lot that expires by it is booked at once.
-- Returns the number of lots. Locks the account. Raises CreditAccountNotFound.
create or replace function credits_move_expiry(
  p_user text, p_source text, p_expires_at timestamptz, p_now timestamptz
) returns integer language plpgsql security definer set search_path = public, pg_temp as $$
declare
  acc credit_account := credits_catch_up(credits_lock_account(p_user, p_now));
  moved integer;
begin
  update credit_lot set expires_at = greatest(p_expires_at, acc.as_of)
  where user_id = p_user and source = p_source and type = 'TRIAL' and expires_at > acc.as_of;
  get diagnostics moved = row_count;
  perform credits_save_account(credits_catch_up(acc));
  return moved;
end
$$;
