-- credits_distribution_preview: what a run at `now` would do, reading only. `users` are all that it
-- would deal with, each once. Of a lapsed hold counts what would come back to an expired lot, in an
-- EXPIRE row of its own where the lot expired before the hold lapsed, and what pays debt off does not.
create or replace function credits_distribution_preview(p_now timestamptz)
returns table (
  users bigint, granted_users bigint, allotments bigint, credits bigint,
  expiring_users bigint, expiring_lots bigint, expiring_credits bigint
) language sql stable as $$
  with due as materialized (
    select s.user_id, s.kind, s.credits, s.next_due_at, after.due_at as then_due_at,
      -- To nearly all just one period is due; only the others' rows are worth keeping.
      case when after.due_at <= p_now then s end as schedule
    from credit_schedule s
    cross join lateral (select credits_add_months(s.anchor_at, s.next_n + 1)) as after (due_at)
    where s.next_due_at is not null and s.next_due_at <= p_now
  ), period as materialized (
    select due.credits from due
    cross join lateral credits_period_pays(kind, user_id, next_due_at, then_due_at, p_now) rule
    where then_due_at > p_now and rule.pays
    union all
    select due.credits from due
    cross join lateral credits_due_periods(due.schedule, p_now, p_now) p
    where due.then_due_at <= p_now and p.pays
  ), lot as materialized (
    select user_id, remaining from credit_lot
    where is_open and expires_at is not null and expires_at <= p_now
  ), back as materialized (
    select a.user_id, sum(a.amount) as amount,
      not l.is_open or h.expires_at >= l.expires_at as has_own_row
    from credit_hold h
    join credit_account c on c.user_id = h.user_id and c.debt = 0
    join credit_allocation a on a.user_id = h.user_id and a.hold_key = h.key
    join credit_lot l on l.user_id = a.user_id and l.seq = a.lot_seq
    where h.status = 'open' and h.expires_at <= p_now and l.expires_at <= p_now
    group by a.user_id, a.lot_seq, l.is_open, l.expires_at, h.expires_at >= l.expires_at,
      case when h.expires_at >= l.expires_at then a.hold_key end
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
