-- credits_distribution_preview: what a run at `now` would do, reading only. `users` are all that it
-- would deal with, each once. Of a lapsed hold counts what would come back to an expired lot, in an
-- EXPIRE row of its own where the lot expired before the hold lapsed, and what pays debt off does not.
create or replace function credits_distribution_preview(p_now timestamptz)
returns table (
  users bigint, granted_users bigint, allotments bigint, credits bigint,
  expiring_users bigint, expiring_lots bigint, expiring_credits bigint
) language sql stable as $$
  with due as materialized (
    select s as schedule, s.user_id, s.credits from credit_schedule s
    where s.next_due_at is not null and s.next_due_at <= p_now
  ), period as materialized (
    select due.credits from due cross join lateral credits_due_periods(due.schedule, p_now, p_now) p
    where p.pays
  ), back as (
    select a.user_id, a.lot_seq, a.amount, case when h.expires_at >= l.expires_at then a.hold_key end as own_row
    from credit_hold h
    join credit_account c on c.user_id = h.user_id and c.debt = 0
    join credit_allocation a on a.user_id = h.user_id and a.hold_key = h.key
    join credit_lot l on l.user_id = a.user_id and l.seq = a.lot_seq
    where h.status = 'open' and h.expires_at <= p_now and l.expires_at <= p_now
  ), expiring as materialized (
    select user_id, sum(amount) as amount
    from (
      select user_id, seq as lot_seq, remaining as amount, null as own_row from credit_lot
      where is_open and expires_at is not null and expires_at <= p_now
      union all
      select user_id, lot_seq, amount, own_row from back
    ) part
    group by user_id, lot_seq, own_row
  )
  select
    (select count(*) from (select user_id from due union select user_id from expiring) everybody),
    (select count(distinct user_id) from due),
    (select count(*) from period), (select coalesce(sum(credits), 0)::bigint from period),
    (select count(distinct user_id) from expiring), (select count(*) from expiring),
    (select coalesce(sum(amount), 0)::bigint from expiring)
$$;
