-- Reads: balances and lots at any instant, the expiries that the next write will book, and the history
-- of lots. Spending, screens, reminders and reports share one formula. These functions neither write
-- nor lock.

-- credits_is_live: whether a lot with this expiry counts at an instant. From `expires_at` on it does
-- not count, whether or not the expiry is booked.
create or replace function credits_is_live(p_expires_at timestamptz, p_at timestamptz)
returns boolean language sql immutable parallel safe as $$
  select p_expires_at is null or p_expires_at > p_at
$$;

-- credits_balance: available (negative is debt), held and debt of a user at any instant.
create or replace function credits_balance(p_user text, p_at timestamptz)
returns table (available bigint, held bigint, debt bigint) language plpgsql stable as $$
declare
  acc credit_account;
  lapsed bigint := 0;
begin
  select * into acc from credit_account where user_id = p_user;
  if acc.user_id is null then
    return query select 0::bigint, 0::bigint, 0::bigint;
    return;
  end if;
  if p_at >= acc.as_of then
    if acc.held > 0 then
      select coalesce(sum(h.amount), 0) into lapsed from credit_hold h
      where h.user_id = p_user and h.status = 'open' and h.expires_at <= p_at;
    end if;
    held := acc.held - lapsed;
    debt := greatest(acc.debt - lapsed, 0);
  else
    select coalesce(sum(a.amount), 0) into held from credit_allocation a
    where a.user_id = p_user and a.hold_key is not null and a.from_at <= p_at and a.to_at > p_at;
    select coalesce(sum(t.debt_made), 0) into debt from credit_transaction t
    where t.user_id = p_user and t.debt_made > 0 and t.effective_at <= p_at;
    debt := debt - coalesce((
      select sum(s.amount) from credit_settlement s where s.user_id = p_user and s.at <= p_at), 0);
  end if;
  select coalesce(sum(l.available), 0) - debt into available from credits_lots_at(p_user, p_at) l;
  return next;
end
$$;

-- credits_lots_at: the remainder of each lot of a user at an instant, without lots that have expired by
-- then. From the account's last booking on, it applies later expiries and lapses to the rows; before
-- that, it computes from the history. Both give the same number (tests/ledger/properties).
create or replace function credits_lots_at(p_user text, p_at timestamptz)
returns table (seq bigint, available bigint) language plpgsql stable as $$
declare
  acc credit_account;
begin
  select * into acc from credit_account where user_id = p_user;
  if p_at >= acc.as_of then
    return query
      with back as (
        select p.lot_seq, sum(p.back) as amount from credits_lapsed_parts(p_user, p_at) p
        where acc.held > 0 group by p.lot_seq
      )
      select l.seq, (l.remaining + coalesce(b.amount, 0))::bigint
      from credit_lot l left join back b on b.lot_seq = l.seq
      where l.user_id = p_user and (l.is_open or b.amount > 0) and credits_is_live(l.expires_at, p_at);
  else
    return query
      select l.seq, (l.amount
        - coalesce((select sum(a.amount) from credit_allocation a
            where a.user_id = p_user and a.lot_seq = l.seq and a.from_at <= p_at and a.to_at > p_at), 0)
        - coalesce((select sum(s.amount) from credit_settlement s
            where s.user_id = p_user and s.lot_seq = l.seq and s.at <= p_at), 0))::bigint
      from credit_lot l
      where l.user_id = p_user and l.granted_at <= p_at and credits_is_live(l.expires_at, p_at);
  end if;
end
$$;

-- credits_lapsed_parts: the parts reserved by holds that lapsed by `at` but are not booked yet, and how
-- much of each returns to its lot: returned credits settle debt first.
create or replace function credits_lapsed_parts(p_user text, p_at timestamptz)
returns table (hold_key text, lot_seq bigint, lapsed_at timestamptz, amount bigint, back bigint)
language sql stable as $$
  select key, lot_seq, expires_at, amount, greatest(0, least(amount, upto - debt))::bigint
  from (
    select h.key, a.lot_seq, h.expires_at, a.amount, acc.debt,
      sum(a.amount) over (order by h.expires_at, h.key collate "C", a.number desc) as upto
    from credit_account acc
    join credit_hold h on h.user_id = acc.user_id
    join credit_allocation a on a.user_id = h.user_id and a.hold_key = h.key
    where acc.user_id = p_user and h.status = 'open' and h.expires_at <= p_at
  ) parts
$$;

-- credits_outstanding: what all users hold at `at`, which must not be before the last booking:
-- available by lot type, and one row without a type for held and debt. The formula of credits_balance
-- for all users at once. Reads every account and open lot once (a million: 0.5 s); only users with a
-- lapsed hold are computed one by one.
create or replace function credits_outstanding(p_at timestamptz)
returns table (type credit_type, available bigint, held bigint, debt bigint) language sql stable as $$
  with lapsed as materialized (
    select distinct user_id from credit_hold where status = 'open' and expires_at <= p_at
  ), lot as (
    select l.type, l.remaining as available from credit_lot l
    where l.is_open and credits_is_live(l.expires_at, p_at)
      and l.user_id not in (select lapsed.user_id from lapsed)
    union all
    select l.type, lot_at.available
    from lapsed cross join lateral credits_lots_at(lapsed.user_id, p_at) lot_at
    join credit_lot l on l.user_id = lapsed.user_id and l.seq = lot_at.seq
  ), account as (
    select a.held, a.debt from credit_account a
    where a.user_id not in (select lapsed.user_id from lapsed)
    union all
    select b.held, b.debt from lapsed cross join lateral credits_balance(lapsed.user_id, p_at) b
  )
  select lot.type, sum(lot.available)::bigint, 0::bigint, 0::bigint
  from lot where lot.available > 0 group by lot.type
  union all
  select null, 0, coalesce(sum(account.held), 0)::bigint, coalesce(sum(account.debt), 0)::bigint from account
  order by 1 nulls last
$$;

-- credits_pending_expiries: the EXPIRE rows that the next write at `at` will book first, with their
-- numbers, instants and running balances (credits_catch_up, credits_expire_plain). Credits that a
-- lapsed hold returns to a lot before it expires are part of that lot's row; credits returned to an
-- expired lot are a separate row. Empty for an instant before the account's `as_of`.
create or replace function credits_pending_expiries(p_user text, p_at timestamptz)
returns table (
  seq bigint, lot_seq bigint, amount bigint, balance_after bigint, source text, effective_at timestamptz
) language sql stable as $$
  with due as (
    select l.expires_at as at, '' as hold_key, l.expires_at, l.seq as lot_seq, l.remaining as amount
    from credit_lot l
    where l.user_id = p_user and l.is_open and l.expires_at <= p_at
    union all
    select greatest(l.expires_at, p.lapsed_at),
      case when p.lapsed_at < l.expires_at then '' else p.hold_key end, l.expires_at, l.seq, p.back
    from credits_lapsed_parts(p_user, p_at) p
    join credit_lot l on l.user_id = p_user and l.seq = p.lot_seq
    where l.expires_at <= p_at and p.back > 0
  ), expired as (
    select at, hold_key, expires_at, lot_seq, sum(amount) as amount
    from due group by at, hold_key, expires_at, lot_seq
  )
  select acc.version + row_number() over in_order, e.lot_seq, -e.amount::bigint,
    (acc.balance + acc.held - sum(e.amount) over in_order)::bigint, l.source, e.at
  from expired e
  join credit_account acc on acc.user_id = p_user
  join credit_lot l on l.user_id = p_user and l.seq = e.lot_seq
  -- At the same instant, lots expire before a hold returns anything: no hold sorts first.
  window in_order as (
    order by e.at, e.hold_key collate "C", e.expires_at, e.lot_seq rows unbounded preceding)
  order by 1
$$;

-- credits_unbooked_expiries: the pending EXPIRE rows of all users. For nearly all users these are the
-- remainders of their expired lots. Users whose lapsed holds return credits to an expired lot are
-- computed one by one, as these credits may settle debt or expire later than their lot.
create or replace function credits_unbooked_expiries(p_at timestamptz)
returns table (user_id text, lot_seq bigint, effective_at timestamptz, amount bigint)
language sql stable rows 10000 as $$
  with lapsed as materialized (
    select distinct h.user_id
    from credit_hold h
    join credit_allocation a on a.user_id = h.user_id and a.hold_key = h.key
    join credit_lot l on l.user_id = a.user_id and l.seq = a.lot_seq
    where h.status = 'open' and h.expires_at <= p_at and l.expires_at <= p_at
  )
  select l.user_id, l.seq, l.expires_at, l.remaining
  from credit_lot l
  where l.is_open and l.expires_at is not null and l.expires_at <= p_at
    and l.user_id not in (select lapsed.user_id from lapsed)
  union all
  select lapsed.user_id, e.lot_seq, e.effective_at, -e.amount
  from lapsed cross join lateral credits_pending_expiries(lapsed.user_id, p_at) e
$$;

-- credits_lot_history: where the credits of lots went by `at`: for each lot its `shown` latest parts
-- that left (positive) or returned (negative), with the count and the sum of all its parts. The sum is
-- the lot's amount less its remainder at `at` (credits_lots_at). `what` is the type of the
-- transaction, `HELD` for an open hold, or `SETTLED` for settled debt (`seq` is then that of the debt).
-- Expiries and lapses that no write has booked have `booked` false. A lot can have a hundred thousand
-- allocations, so they are never all sorted or kept, and details are looked up for shown parts only.
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
