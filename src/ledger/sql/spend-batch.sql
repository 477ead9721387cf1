-- Batches of spends: many stand-alone spends in one call, one transaction and one flush.

-- credits_spend_batch: books spends in the order given, each as credits_spend would. Returns one outcome
-- per spend, in the same order: `{"result": …}`, the refusal as `{"error": {code, message, detail}}`, or
-- `{"busy": true}` if another transaction holds the account's lock. A refusal books nothing and does not
-- affect the other spends. Any other error rolls back the whole batch.
--
-- Locks the accounts in the order of their ids and then the caps of all services, so that batches cannot
-- deadlock. With `skip_locked` it skips locked accounts. A lock that takes longer than `lock_timeout_ms`
-- raises SQLSTATE 55P03.
-- Requires READ COMMITTED: at a stricter level Postgres refuses to lock changed rows.
create or replace function credits_spend_batch(
  p_users text[], p_keys text[], p_amounts bigint[], p_sources text[], p_services text[], p_features text[],
  p_skip_locked boolean, p_lock_timeout_ms integer, p_now timestamptz, p_usages jsonb[] default null
) returns jsonb language plpgsql security definer
set search_path = public, pg_temp
-- Index lookups only: a batch must never be joined to a whole table, whatever the planner estimates.
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
-- A plan of its own for each batch would be no better, and takes longer than a small batch.
set plan_cache_mode = force_generic_plan as $$
declare
  locked text[];
  outcomes jsonb[];
  spend record;
begin
  perform set_config('lock_timeout', p_lock_timeout_ms::text, true);
  if p_skip_locked then
    locked := array(
      select a.user_id from credit_account a where a.user_id = any (p_users)
      order by a.user_id for update skip locked);
  else
    locked := array(
      select a.user_id from credit_account a where a.user_id = any (p_users)
      order by a.user_id for update);
  end if;
  perform credits_lock_service_limits(array(
    select h.service_id from credit_hold h
    where h.user_id = any (locked) and h.status = 'open' and h.service_id is not null
    union
    select s.service from unnest(p_users, p_services) as s (user_id, service)
    where s.user_id = any (locked) and s.service is not null));

  outcomes := credits_spend_plain(
    locked, p_users, p_keys, p_amounts, p_sources, p_services, p_features, p_usages, p_now);

  for spend in
    select nth, p_users[nth] as user_id, p_users[nth] = any (locked) as is_locked
    from generate_series(1, cardinality(p_users)) nth
    where outcomes[nth] is null
    order by nth
  loop
    if not spend.is_locked
      and exists (select from credit_account a where a.user_id = spend.user_id)
    then
      outcomes[spend.nth] := '{"busy": true}';
    else
      outcomes[spend.nth] := credits_try_spend(
        spend.user_id, p_keys[spend.nth], p_amounts[spend.nth], p_sources[spend.nth],
        p_services[spend.nth], p_features[spend.nth], p_usages[spend.nth], p_now);
    end if;
  end loop;
  return to_jsonb(outcomes);
end
$$;

-- credits_spend_plain: books the spends of those locked users for whom nothing is out of the ordinary:
-- not frozen, no holds, no expired lot, no limit, only new keys, and a first lot that covers all their
-- spends. One set-based statement with a snapshot taken after the locks. Sums of a user are windows over
-- the spends: a join of two CTEs would compare each spend with every other. Returns the outcomes by the
-- number of the spend, null for the spends of the other users.
create or replace function credits_spend_plain(
  p_locked text[], p_users text[], p_keys text[], p_amounts bigint[], p_sources text[], p_services text[],
  p_features text[], p_usages jsonb[], p_now timestamptz
) returns jsonb[] language plpgsql as $$
declare
  outcomes jsonb[];
  spends integer;
  transactions_written integer;
  allocations_written integer;
  owners integer;
  lots_written integer;
  accounts_written integer;
begin
  with spend as materialized (
    select s.*,
      s.key <> '' and s.amount between 1 and 9007199254740991
        and s.user_id = any (p_locked)
        and count(*) over (partition by s.user_id, s.key) = 1
        and not exists (
          select from credit_transaction t where t.user_id = s.user_id and t.idempotency_key = s.key offset 0)
        and not exists (select from credit_hold h where h.user_id = s.user_id and h.key = s.key offset 0)
        and not exists (
          select from credit_hold h where h.user_id = s.user_id and h.release_key = s.key offset 0)
        and not exists (
          select from credit_hold_extension e where e.user_id = s.user_id and e.key = s.key offset 0)
        and not exists (select from spend_limit l where l.user_id = s.user_id offset 0)
        and not exists (
          select from spend_limit l where l.user_id is null and l.service_id = s.service offset 0)
        as is_plain
    from unnest(p_users, p_keys, p_amounts, p_sources, p_services, p_features, p_usages)
      with ordinality as s (user_id, key, amount, source, service, feature, usage, nth)
  ), summed as materialized (
    select *,
      bool_and(is_plain) over per_user as all_plain,
      sum(amount) over per_user as user_amount,
      count(*) over per_user as user_spends,
      sum(amount) over in_order as amount_so_far,
      row_number() over in_order as nth_of_user
    from spend
    window per_user as (partition by user_id),
      in_order as (partition by user_id order by nth rows unbounded preceding)
  ), booked as materialized (
    select s.*, o.at, o.lot_seq,
      o.version + s.nth_of_user as seq,
      o.last_allocation + s.nth_of_user as number,
      o.balance - s.amount_so_far as balance_after
    from summed s
    left join lateral (
      select a.version, a.balance, a.last_allocation, greatest(a.as_of, p_now) as at, lot.seq as lot_seq
      from credit_account a
      cross join lateral (
        select l.seq, l.remaining from credits_lots_in_burn_order(a.user_id) l where l.is_open limit 1) lot
      where s.all_plain and a.user_id = s.user_id and a.frozen_at is null and a.held = 0
        and s.user_amount <= least(a.balance, lot.remaining)
        and not exists (
          select from credit_lot l
          where l.user_id = a.user_id and l.is_open and l.expires_at <= greatest(a.as_of, p_now) offset 0)
      offset 0) o on true
  ), transactions as (
    insert into credit_transaction (
      user_id, seq, type, operation, amount, balance_after, idempotency_key, source,
      service_id, feature, usage, booked_at, effective_at)
    select user_id, seq, 'USAGE', 'spend', -amount, balance_after, key, source,
      service, feature, usage, at, at
    from booked where seq is not null order by nth
    returning 1
  ), allocations as (
    insert into credit_allocation (user_id, number, lot_seq, amount, transaction_seq, from_at, to_at)
    select user_id, number, lot_seq, amount, seq, at, 'infinity' from booked where seq is not null order by nth
    returning 1
  ), lots as (
    update credit_lot l set remaining = l.remaining - b.user_amount
    from booked b where b.nth_of_user = 1 and l.user_id = b.user_id and l.seq = b.lot_seq
    returning 1
  ), accounts as (
    update credit_account a
    set balance = a.balance - b.user_amount, version = a.version + b.user_spends,
      last_allocation = a.last_allocation + b.user_spends, as_of = b.at
    from booked b where b.nth_of_user = 1 and b.seq is not null and a.user_id = b.user_id
    returning 1
  )
  select
    array_agg(case when seq is not null then jsonb_build_object(
      'result', credits_booking(seq, 'USAGE', -amount, balance_after::bigint, at, false)) end
      order by nth),
    count(seq), (select count(*) from transactions), (select count(*) from allocations),
    count(seq) filter (where nth_of_user = 1), (select count(*) from lots), (select count(*) from accounts)
  into outcomes, spends, transactions_written, allocations_written, owners, lots_written, accounts_written
  from booked;
  if (transactions_written, allocations_written, lots_written, accounts_written)
    is distinct from (spends, spends, owners, owners) then
    raise exception 'Of % spends of % accounts % transactions, % allocations, % lots and % accounts were written.',
      spends, owners, transactions_written, allocations_written, lots_written, accounts_written;
  end if;
  return outcomes;
end
$$;

-- credits_try_spend: a spend with its refusal as a value instead of an exception. Other errors pass.
create or replace function credits_try_spend(
  p_user text, p_key text, p_amount bigint, p_source text, p_service text, p_feature text, p_usage jsonb,
  p_now timestamptz
) returns jsonb language plpgsql as $$
declare
  error_detail text;
begin
  return jsonb_build_object('result', credits_spend(
    p_user, p_key, p_amount, p_source, p_now, p_service, p_feature, p_usage));
exception when others then
  if sqlstate not like 'QF%' then
    raise;
  end if;
  get stacked diagnostics error_detail = pg_exception_detail;
  return jsonb_build_object('error', jsonb_build_object(
    'code', sqlstate, 'message', sqlerrm, 'detail', error_detail));
end
$$;
