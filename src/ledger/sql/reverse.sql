-- Reversals: credits revoked because their payment was refunded or disputed, and restored when the
-- refund failed or the dispute was won.

-- credits_reverse: brings the credits of a purchase in line with its refunds and disputes, in one call,
-- so that no allotment, expiry or spend can happen between reading and booking.
-- Idempotent: each step carries its reversal's own key. Locks the account.
--   undone    ids of the refunds that failed and disputes that were won. Each revocation for them is
--             restored.
--   standing  [{key, cents, applied}], oldest first: money that the payer has back or holds back. Those
--             not applied yet revoke the credits beyond the share still paid for (credits_excess).
--   schedule  the plan for the months to come (credits_align_schedule); null if there are none.
-- Every allotment, granted or to come, becomes credits_kept(amount): the schedule grants only that from
-- now on, and allotments that were granted smaller are filled up once a reversal is undone.
-- A restored amount may still be owed to a standing reversal, if both together exceeded the payment. It
-- is revoked again under the standing reversal, so that it is restored together with that one.
create or replace function credits_reverse(
  p_user text, p_source text, p_paid bigint, p_undone text[], p_standing jsonb, p_schedule jsonb,
  p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  acc credit_account := credits_lock_account(p_user, p_now);
  restored bigint := 0;
  revoked bigint := 0;
  cents bigint;
  need bigint;
  step record;
begin
  perform credits_align_schedule(p_user, p_source, p_schedule, p_now);
  select coalesce(sum((s ->> 'cents')::bigint), 0) into cents from jsonb_array_elements(p_standing) s;
  perform credits_reduce_schedule(p_user, p_source, cents, p_paid);

  for step in
    -- The first revocation of a reversal is restored under its plain key, a further one under its number.
    select t.seq, t.amount, u.key || ':restore' || case when exists (
        select from credit_transaction e
        where e.user_id = p_user and e.type = 'REVOKE' and e.reversal_id = u.key and e.seq < t.seq
      ) then ':revocation:' || t.seq else '' end as key
    from unnest(p_undone) with ordinality as u (key, nth)
    join credit_transaction t on t.user_id = p_user and t.type = 'REVOKE' and t.source = p_source
      and t.reversal_id = u.key
    where not exists (
      select from credit_transaction r where r.user_id = p_user and r.related_seq = t.seq)
    order by u.nth, t.seq
  loop
    perform credits_restore(p_user, step.seq, step.key, p_now);
    restored := restored - step.amount;
  end loop;

  select coalesce(sum((s ->> 'cents')::bigint) filter (where (s ->> 'applied')::boolean), 0)
  into cents from jsonb_array_elements(p_standing) s;
  for step in
    select s ->> 'key' as key, (s ->> 'cents')::bigint as cents
    from jsonb_array_elements(p_standing) with ordinality as e (s, nth)
    where not (s ->> 'applied')::boolean order by nth
  loop
    cents := cents + step.cents;
    need := credits_excess(p_user, p_source, cents, p_paid, acc.as_of);
    if need > 0 then
      perform credits_revoke(p_user, step.key || ':revoke', need, p_source, p_now, step.key);
      revoked := revoked + need;
    end if;
  end loop;

  need := least(credits_excess(p_user, p_source, cents, p_paid, acc.as_of), restored);
  if need > 0 and jsonb_array_length(p_standing) > 0 then
    perform credits_revoke(p_user,
      format('%s:revoke:%s', p_standing -> -1 ->> 'key', p_undone[array_upper(p_undone, 1)]),
      need, p_source, p_now, p_standing -> -1 ->> 'key');
    revoked := revoked + need;
  end if;
  restored := restored + credits_fill_allotments(p_user, p_source, cents, p_paid, p_now);
  return jsonb_build_object('restored', restored, 'revoked', revoked);
end
$$;

-- credits_kept: the part of an allotment that stays when `cents` of the paid amount are reversed.
-- Multiplies before it divides, so that no fraction is lost.
create or replace function credits_kept(p_amount bigint, p_cents bigint, p_paid bigint)
returns bigint language sql immutable as $$
  select round(p_amount::numeric * (greatest(p_paid, 1) - least(p_cents, p_paid)) / greatest(p_paid, 1))::bigint
$$;

-- credits_reduce_schedule: reduces the allotments to come to what they keep. The account is locked.
create or replace function credits_reduce_schedule(
  p_user text, p_id text, p_cents bigint, p_paid bigint
) returns void language sql as $$
  update credit_schedule s
  set credits = rule.kept, reversed_credits = s.credits + s.reversed_credits - rule.kept
  from credit_schedule old
  cross join lateral credits_kept(old.credits + old.reversed_credits, p_cents, p_paid) as rule (kept)
  where old.user_id = p_user and old.id = p_id and s.user_id = old.user_id and s.id = old.id
    and s.credits <> rule.kept
$$;

-- credits_purchase_allotments: one row for each allotment (or pack) of a purchase: credits granted,
-- kept by the rule above, expired unused by `at`, and drawn by standing revocations. An allotment that
-- was filled up has several lots; `last_seq` is its latest.
create or replace function credits_purchase_allotments(
  p_user text, p_source text, p_cents bigint, p_paid bigint, p_at timestamptz
) returns table (
  period_number integer, granted bigint, kept bigint, expired bigint, drawn bigint, last_seq bigint
) language sql stable as $$
  select l.period_number, sum(l.amount)::bigint,
    -- Allotments of a schedule may have been granted smaller than they were sold.
    credits_kept(coalesce(max(s.credits + s.reversed_credits), sum(l.amount)::bigint), p_cents, p_paid),
    sum(credits_expired_of(p_user, l.seq, p_at))::bigint, sum(coalesce(revoked.amount, 0))::bigint, max(l.seq)
  from credit_lot l
  join credit_transaction t on t.user_id = l.user_id and t.seq = l.seq and t.operation = 'grant'
  left join credit_schedule s on s.user_id = l.user_id and s.id = l.source and l.period_number is not null
  left join lateral (
    select sum(a.amount) as amount from credit_allocation a
    where a.user_id = l.user_id and a.lot_seq = l.seq and a.transaction_seq in (
      select seq from credits_standing_revocations(p_user, p_source))
  ) revoked on true
  where l.user_id = p_user and l.source = p_source
  group by l.period_number, case when l.period_number is null then l.seq end
$$;

-- credits_standing_revocations: a purchase's revocations that were not restored.
create or replace function credits_standing_revocations(p_user text, p_source text)
returns table (seq bigint, amount bigint) language sql stable as $$
  select t.seq, -t.amount from credit_transaction t
  where t.user_id = p_user and t.source = p_source and t.type = 'REVOKE' and not exists (
    select from credit_transaction r where r.user_id = p_user and r.related_seq = t.seq)
$$;

-- credits_expired_of: how much of a lot expired unused by `at`, booked or not.
create or replace function credits_expired_of(p_user text, p_lot_seq bigint, p_at timestamptz)
returns bigint language sql stable as $$
  select (case when l.expires_at <= p_at then l.remaining else 0 end - coalesce((
      select sum(t.amount) from credit_transaction t
      where t.user_id = p_user and t.type = 'EXPIRE' and t.lot_seq = p_lot_seq), 0))::bigint
  from credit_lot l where l.user_id = p_user and l.seq = p_lot_seq
$$;

-- credits_excess: the credits still to be revoked from a purchase of which `cents` are reversed: for
-- each allotment, its used or usable credits beyond what it keeps. Credits that expired unused count
-- for their own allotment only. Everything that revocations took counts for the purchase as a whole,
-- whether they drew on the allotment, on other credits, or made debt.
create or replace function credits_excess(
  p_user text, p_source text, p_cents bigint, p_paid bigint, p_at timestamptz
) returns bigint language sql stable as $$
  select (coalesce(sum(
      greatest(a.granted - a.expired - a.drawn - a.kept, 0)
      - greatest(a.drawn - greatest(a.granted - a.kept, 0), 0) + a.drawn), 0)
    - (select coalesce(sum(r.amount), 0) from credits_standing_revocations(p_user, p_source) r)
    - (select coalesce(sum(credits_expired_of(p_user, l.seq, p_at)), 0)
      from credit_lot l
      join credit_transaction t on t.user_id = l.user_id and t.seq = l.seq and t.operation = 'restore'
      where l.user_id = p_user and l.source = p_source))::bigint
  from credits_purchase_allotments(p_user, p_source, p_cents, p_paid, p_at) a
$$;

-- credits_fill_allotments: fills up allotments that were granted smaller because of a reversal that is
-- now undone. The addition expires with its allotment, or, if that has expired, after the same
-- validity. Returns the credits granted. Locks the account.
create or replace function credits_fill_allotments(
  p_user text, p_source text, p_cents bigint, p_paid bigint, p_now timestamptz
) returns bigint language plpgsql as $$
declare
  acc credit_account;
  filled bigint := 0;
  part record;
begin
  for part in
    select a.period_number, a.kept, a.kept - a.granted as lacking, l.type, l.granted_at, l.expires_at, l.paid, l.priority
    from credits_purchase_allotments(p_user, p_source, p_cents, p_paid, p_now) a
    join credit_lot l on l.user_id = p_user and l.seq = a.last_seq
    where a.granted < a.kept
    order by a.period_number
  loop
    if acc.user_id is null then
      acc := credits_catch_up(credits_lock_account(p_user, p_now));
    end if;
    acc := credits_put_grant(acc, part.type, 'grant', part.lacking,
      format('%s:up-to:%s', credits_allotment_key(p_source, part.period_number), part.kept), p_source,
      case when credits_is_live(part.expires_at, acc.as_of) then part.expires_at
        else credits_later_by(acc.as_of, part.expires_at - part.granted_at) end,
      part.paid, part.priority, p_period_number => part.period_number);
    filled := filled + part.lacking;
  end loop;
  if filled > 0 then
    perform credits_save_account(acc);
  end if;
  return filled;
end
$$;

-- credits_align_schedule: applies the outcome of a purchase's reversals to its schedule. {from, ended}
-- ends it as of its beginning. {from, reopens, until, ends_at, dispute} reopens a schedule that was
-- ended that way until `until` (null = forever), ends it at `ends_at` if something else ended it since,
-- and suspends it while a dispute is `open` or resumes it when all are `settled`. The account is
-- locked.
create or replace function credits_align_schedule(
  p_user text, p_id text, p_plan jsonb, p_now timestamptz
) returns void language plpgsql as $$
declare
  starts_at timestamptz := (p_plan ->> 'from')::timestamptz;
begin
  if p_plan is null then
    return;
  end if;
  if (p_plan ->> 'ended')::boolean then
    perform credits_end_schedules(p_user, p_id, null, starts_at);
    return;
  end if;
  if (p_plan ->> 'reopens')::boolean then
    perform credits_reopen_schedules(p_user, p_id, null, starts_at, (p_plan ->> 'until')::timestamptz);
  end if;
  if p_plan ->> 'ends_at' is not null then
    perform credits_end_schedules(p_user, p_id, null, (p_plan ->> 'ends_at')::timestamptz);
  end if;
  if p_plan ->> 'dispute' = 'open' then
    perform credits_suspend_schedules(p_user, p_id, null, p_now);
  elsif p_plan ->> 'dispute' = 'settled' then
    perform credits_resume_schedules(p_user, p_id, null);
  end if;
end
$$;

-- credits_revoke: revokes credits whose payment was refunded or disputed: from lots of that source
-- first, then from others in burn order. Credits that are already spent become debt. `reversal_id`
-- names the refund or dispute, if there is one. Locks the account. Raises IdempotencyConflict,
-- InvalidAmount and CreditAccountNotFound.
create or replace function credits_revoke(
  p_user text, p_key text, p_amount bigint, p_source text, p_now timestamptz,
  p_reversal_id text default null
) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  begun record;
  acc credit_account;
  in_lots bigint;
begin
  perform credits_check_amount(p_amount);
  select * into begun from credits_begin_write(p_user, p_key, 'revoke', -p_amount, p_source, p_now);
  if begun.replay is not null then
    return begun.replay;
  end if;
  acc := credits_catch_up(begun.acc);
  in_lots := least(p_amount, acc.balance + acc.debt);
  acc := credits_write_transaction(acc, 'REVOKE', 'revoke', -p_amount, p_key, p_source,
    p_debt_made => p_amount - in_lots, p_reversal_id => p_reversal_id);
  if in_lots > 0 then
    acc.last_allocation := credits_draw(
      p_user, in_lots, acc.last_allocation, acc.version, null, acc.as_of, 'infinity', p_source);
  end if;
  acc.debt := acc.debt + p_amount - in_lots;
  acc.balance := acc.balance - p_amount;
  perform credits_save_account(acc);
  return credits_booking(acc.version, 'REVOKE', -p_amount, acc.balance + acc.held, acc.as_of, false);
end
$$;

-- credits_restore: undoes one whole revocation, once. Cancels its outstanding debt, then returns what
-- lots paid for it, then what it drew, in reverse burn order. Credits whose lot has expired since come
-- back as a new lot with the validity that remained when they were revoked. That lot keeps the source of
-- the one it replaces; every transaction has the source of the revocation. The first transaction carries
-- the key; further ones carry `key:2`, `key:3` and so on. Locks the account. Raises
-- TransactionNotFound, AlreadyRestored, IdempotencyConflict and CreditAccountNotFound.
create or replace function credits_restore(
  p_user text, p_revoke_seq bigint, p_key text, p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  begun record;
  acc credit_account;
  revoked credit_transaction;
  part record;
  cancelled bigint;
  living bigint;
  main_seq bigint;
  written integer := 0;
  booking jsonb;
begin
  select * into revoked from credit_transaction where user_id = p_user and seq = p_revoke_seq;
  select * into begun
  from credits_begin_write(p_user, p_key, 'restore', -revoked.amount, null, p_now, p_related_seq => p_revoke_seq);
  if begun.replay is not null then
    return begun.replay || jsonb_build_object('amount', -revoked.amount);
  end if;
  if revoked.seq is null or revoked.type <> 'REVOKE' then
    perform credits_raise('QF010', 'This user has no such revocation.');
  end if;
  if exists (select from credit_transaction where user_id = p_user and related_seq = p_revoke_seq) then
    perform credits_raise('QF013', 'This revocation has already been restored.');
  end if;

  acc := credits_catch_up(begun.acc);
  cancelled := revoked.debt_made - coalesce((
    select sum(amount) from credit_settlement where user_id = p_user and revoke_seq = p_revoke_seq), 0);
  select coalesce(sum(amount), 0) into living
  from credits_taken_by(p_user, p_revoke_seq) where credits_is_live(expires_at, acc.as_of);

  if cancelled + living > 0 then
    written := 1;
    acc := credits_write_transaction(acc, 'RESTORE', 'restore', cancelled + living, p_key, revoked.source,
      p_related_seq => p_revoke_seq, p_requested => -revoked.amount);
    main_seq := acc.version;
    booking := credits_booking(main_seq, 'RESTORE', -revoked.amount,
      acc.balance + acc.held + cancelled + living, acc.as_of, false);
    if cancelled > 0 then
      acc.last_settlement := acc.last_settlement + 1;
      insert into credit_settlement (user_id, number, lot_seq, revoke_seq, amount, at)
      values (p_user, acc.last_settlement, null, p_revoke_seq, cancelled, acc.as_of);
      acc.debt := acc.debt - cancelled;
      acc.balance := acc.balance + cancelled;
    end if;
  end if;
  -- Reads the parts before returning any, because returned credits may settle other debt. Live lots
  -- come first: the first transaction's balance includes them.
  for part in
    select * from credits_taken_by(p_user, p_revoke_seq)
    order by credits_is_live(expires_at, acc.as_of) desc, nth
  loop
    if credits_is_live(part.expires_at, acc.as_of) then
      acc.last_allocation := acc.last_allocation + 1;
      insert into credit_allocation (user_id, number, lot_seq, amount, transaction_seq, from_at, to_at)
      values (p_user, acc.last_allocation, part.lot_seq, -part.amount, main_seq, acc.as_of, 'infinity');
      acc := credits_put_on_lot(acc, part.lot_seq, part.amount, acc.as_of);
    else
      written := written + 1;
      acc := credits_put_grant(acc, 'RESTORE', 'restore', part.amount,
        case when written = 1 then p_key else format('%s:%s', p_key, written) end, revoked.source,
        credits_later_by(acc.as_of, greatest(part.expires_at - part.taken_at, interval '1 millisecond')),
        part.paid, part.priority, p_revoke_seq,
        case when written = 1 then -revoked.amount end, part.type, p_lot_source => part.source);
      booking := coalesce(booking, credits_booking(acc.version, 'RESTORE', -revoked.amount,
        acc.balance + acc.held, acc.as_of, false));
    end if;
  end loop;
  perform credits_save_account(acc);
  return booking;
end
$$;

-- credits_taken_by: the credits that a revocation took, by lot, in the order in which they return:
-- first what lots paid for its debt, latest first, then what it drew, in reverse burn order. `nth`
-- numbers the parts.
create or replace function credits_taken_by(p_user text, p_revoke_seq bigint)
returns table (
  nth bigint, lot_seq bigint, amount bigint, taken_at timestamptz,
  expires_at timestamptz, type credit_type, source text, paid boolean, priority integer
) language sql stable as $$
  select row_number() over (order by taken.number desc nulls last, burn.nth desc),
    l.seq, taken.amount, taken.taken_at, l.expires_at, l.type, l.source, l.paid, l.priority
  from (
    select number, lot_seq, amount, at as taken_at from credit_settlement
    where user_id = p_user and revoke_seq = p_revoke_seq and lot_seq is not null
    union all
    select null, lot_seq, amount, from_at from credit_allocation
    where user_id = p_user and transaction_seq = p_revoke_seq
  ) taken
  join credit_lot l on l.user_id = p_user and l.seq = taken.lot_seq
  join credits_burn_positions(p_user) burn on burn.seq = l.seq
$$;

-- credits_later_by: `at + span`, counted in UTC. The difference of two instants has days and hours, and
-- in a zone with daylight saving a day is not always 24 hours.
create or replace function credits_later_by(p_at timestamptz, p_span interval)
returns timestamptz language sql immutable parallel safe as $$
  select ((p_at at time zone 'UTC') + p_span) at time zone 'UTC'
$$;
