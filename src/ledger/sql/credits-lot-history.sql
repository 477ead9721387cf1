-- credits_lot_history(user, lots, t, shown): where the credits of these lots went by t: for each lot its
-- `shown` latest parts that left (positive) or came back (negative), with the count and the sum of all
-- its parts, which is its amount less what it has left at t (`credits_lots_at`). `what` is the type of
-- the transaction behind it, or `HELD` for what a hold sets aside at t, or `SETTLED` for what paid off
-- debt (`seq`: of the revocation). What time has done and no write has booked yet is told with `booked`
-- false. A lot can have been drawn on a hundred thousand times, so its allocations are never sorted or
-- kept as a whole, and what stands behind a part is looked up for those shown. Reads only.
create or replace function credits_lot_history(
  p_user text, p_lots bigint[], p_at timestamptz, p_shown integer
) returns table (
  lot_seq bigint, nth bigint, what text, amount bigint, seq bigint, source text, at timestamptz,
  booked boolean, parts bigint, parts_amount bigint
) language plpgsql stable as $$
begin
  return query
  with rare as materialized (
    select s.lot_seq, 'SETTLED' as what, s.amount, s.revoke_seq as seq, null as hold_key, s.at,
      true as booked
    from credit_settlement s
    where s.user_id = p_user and s.lot_seq = any (p_lots) and s.at <= p_at
    union all
    select p.lot_seq, 'SETTLED', p.amount - p.back, null, p.hold_key, p.lapsed_at, false
    from credits_lapsed_parts(p_user, p_at) p
    where p.lot_seq = any (p_lots) and p.amount > p.back
    union all
    select t.lot_seq, 'EXPIRE', -t.amount, t.seq, null, t.effective_at, true
    from credit_transaction t
    where t.user_id = p_user and t.lot_seq = any (p_lots) and t.effective_at <= p_at
    union all
    select e.lot_seq, 'EXPIRE', -e.amount, e.seq, null, e.effective_at, false
    from credits_pending_expiries(p_user, p_at) e
    where e.lot_seq = any (p_lots)
  ), latest as (
    select lot.seq as lot_seq, part.*, row_number() over (
      partition by lot.seq order by part.at desc, part.seq desc nulls first, part.amount, part.what,
        part.hold_key) as nth
    from (select distinct unnest(p_lots) as seq) lot
    cross join lateral (
      (select case when a.hold_key is not null then 'HELD' end as what, a.amount,
          a.transaction_seq as seq, a.hold_key, a.from_at as at, true as booked
        from credit_allocation a
        where a.user_id = p_user and a.lot_seq = lot.seq and a.from_at <= p_at
          and (a.hold_key is null or a.to_at > p_at)
        order by a.from_at desc, a.transaction_seq desc nulls first, a.amount, a.hold_key
        limit p_shown)
      union all
      select r.what, r.amount, r.seq, r.hold_key, r.at, r.booked from rare r where r.lot_seq = lot.seq
    ) part
  ), total as (
    select p.lot_seq, sum(p.parts)::bigint as parts, sum(p.amount)::bigint as amount
    from (
      select a.lot_seq, count(*) as parts, sum(a.amount) as amount
      from credit_allocation a
      where a.user_id = p_user and a.lot_seq = any (p_lots) and a.from_at <= p_at
        and (a.hold_key is null or a.to_at > p_at)
      group by a.lot_seq
      union all
      select r.lot_seq, count(*), sum(r.amount) from rare r group by r.lot_seq
    ) p
    group by p.lot_seq
  )
  select l.lot_seq, l.nth, coalesce(l.what, t.type::text), l.amount, l.seq,
    coalesce(h.source, t.source, lot.source), l.at, l.booked, total.parts, total.amount
  from latest l
  join total on total.lot_seq = l.lot_seq
  join credit_lot lot on lot.user_id = p_user and lot.seq = l.lot_seq
  left join credit_hold h on h.user_id = p_user and h.key = l.hold_key
  left join credit_transaction t on l.hold_key is null and t.user_id = p_user and t.seq = l.seq
  where l.nth <= p_shown
  order by l.lot_seq, l.nth;
end
$$;
