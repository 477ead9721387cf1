-- What a distribution run would do. Nothing is written.

-- credits_distribution_preview: what a run at `now` would do. Reads only. `users` counts each user
-- once. A lapsed hold counts with the credits it would return to an expired lot: as a separate row if
-- the lot expired before the hold lapsed, and not at all if they would settle debt.
--
-- Index lookups only, like a batch, and `offset 0` for the same reason: knowing the instant (without
-- prepared statements), the planner may join a whole table. Compiling would take longer than running.
create or replace function credits_distribution_preview(p_now timestamptz)
returns table (
  users bigint, granted_users bigint, allotments bigint, credits bigint,
  expiring_users bigint, expiring_lots bigint, expiring_credits bigint
) language sql stable
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off set jit = off as $$
  with due as materialized (
    select s.user_id, s.kind, s.credits, s.next_due_at, after.due_at as then_due_at,
      -- Nearly all have one due period; the whole row is needed for the others only.
      case when after.due_at <= p_now then s end as schedule
    from credit_schedule s
    cross join lateral (select credits_add_months(s.anchor_at, s.next_n + 1)) as after (due_at)
    where s.next_due_at is not null and s.next_due_at <= p_now
  ), period as materialized (
    select due.credits from due
    cross join lateral credits_period_pays(kind, user_id, next_due_at, then_due_at, p_now) rule
    where then_due_at > p_now and rule.pays and due.credits > 0
    union all
    select due.credits from due
    cross join lateral credits_due_periods(due.schedule, p_now, p_now) p
    where due.then_due_at <= p_now and p.pays
  ), lot as materialized (
    select user_id, remaining from credit_lot
    where is_open and expires_at is not null and expires_at <= p_now
  ), back as materialized (
    select part.user_id, sum(part.amount) as amount,
      not part.is_open or h.expires_at >= part.expires_at as has_own_row
    from credit_hold h
    cross join lateral (
      select a.user_id, a.lot_seq, a.amount, l.is_open, l.expires_at
      from credit_account c
      join credit_allocation a on a.user_id = c.user_id
      join credit_lot l on l.user_id = a.user_id and l.seq = a.lot_seq
      where c.user_id = h.user_id and c.debt = 0 and a.hold_key = h.key and (l.expires_at <= p_now) is true
      offset 0
    ) part
    where h.status = 'open' and h.expires_at <= p_now
    group by part.user_id, part.lot_seq, part.is_open, part.expires_at, h.expires_at >= part.expires_at,
      case when h.expires_at >= part.expires_at then h.key end
  ), somebody as (
    select bool_or(is_due) as is_due, bool_or(not is_due) as is_expiring
    from (
      select user_id, true as is_due from due
      union all select user_id, false from lot
      union all select user_id, false from back
    ) part
    group by user_id
  )
  select everybody.count, everybody.due, allotment.count, allotment.credits,
    everybody.expiring, open.count + returned.count, open.credits + returned.credits
  from (
    select count(*), count(*) filter (where is_due) as due, count(*) filter (where is_expiring) as expiring
    from somebody
  ) everybody, (
    select count(*), coalesce(sum(credits), 0)::bigint as credits from period
  ) allotment, (
    select count(*), coalesce(sum(remaining), 0)::bigint as credits from lot
  ) open, (
    select count(*) filter (where has_own_row), coalesce(sum(amount), 0)::bigint as credits from back
  ) returned
$$;
