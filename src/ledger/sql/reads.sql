-- credits_lots_at(user, t): what every lot has left at t, true to the instant: a lot that expired by
-- t has nothing, booked or not; what a lapsed hold set aside is back. Reads only.
--
-- At or after the last booking the answer is the rows plus what time alone has done since; before
-- it, it is computed from the frozen facts. Both are the same number (tests/ledger/properties).
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
      where l.user_id = p_user and (l.is_open or b.amount > 0)
        and (l.expires_at is null or l.expires_at > p_at);
  else
    return query
      select l.seq, (l.amount
        - coalesce((select sum(a.amount) from credit_allocation a
            where a.user_id = p_user and a.lot_seq = l.seq and a.from_at <= p_at and a.to_at > p_at), 0)
        - coalesce((select sum(s.amount) from credit_settlement s
            where s.user_id = p_user and s.lot_seq = l.seq and s.at <= p_at), 0))::bigint
      from credit_lot l
      where l.user_id = p_user and l.granted_at <= p_at and (l.expires_at is null or l.expires_at > p_at);
  end if;
end
$$;

-- credits_balance(user, t): available (negative is debt), held and debt at any instant. Reads only.
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
    where t.user_id = p_user and t.type = 'REVOKE' and t.effective_at <= p_at;
    debt := debt - coalesce((
      select sum(s.amount) from credit_settlement s where s.user_id = p_user and s.at <= p_at), 0);
  end if;
  select coalesce(sum(l.available), 0) - debt into available from credits_lots_at(p_user, p_at) l;
  return next;
end
$$;

-- credits_lapsed_parts(user, t): what holds that lapsed by t and are still open in the books had set
-- aside, part by part, and how much of it comes back to its lot: debt takes what comes back first,
-- in the order in which it comes back. Reads only.
create or replace function credits_lapsed_parts(p_user text, p_at timestamptz)
returns table (hold_key text, lot_seq bigint, lapsed_at timestamptz, amount bigint, back bigint)
language sql stable as $$
  select key, lot_seq, expires_at, amount, greatest(0, least(amount, upto - debt))::bigint
  from (
    select h.key, a.lot_seq, h.expires_at, a.amount, acc.debt, sum(a.amount) over (
      order by h.expires_at, h.key collate "C", l.priority desc, l.expires_at desc nulls first,
        l.paid desc, l.granted_at desc, l.seq desc) as upto
    from credit_account acc
    join credit_hold h on h.user_id = acc.user_id
    join credit_allocation a on a.user_id = h.user_id and a.hold_key = h.key
    join credit_lot l on l.user_id = a.user_id and l.seq = a.lot_seq
    where acc.user_id = p_user and h.status = 'open' and h.expires_at <= p_at
  ) parts
$$;
