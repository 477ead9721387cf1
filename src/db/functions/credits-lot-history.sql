-- credits_lot_history(user, lots, t): where the credits of these lots went by t, one row for each part
-- that left (positive) or came back (negative). For every lot the parts sum up to its amount less what
-- it has left at t (`credits_lots_at`). `what` is the type of the transaction behind it, or `HELD` for
-- what a hold sets aside at t, or `SETTLED` for what paid off debt (`seq`: of the revocation). What
-- time has done and no write has booked yet is told with `booked` false. Reads only.
create or replace function credits_lot_history(p_user text, p_lots bigint[], p_at timestamptz)
returns table (
  lot_seq bigint, what text, amount bigint, seq bigint, source text, at timestamptz, booked boolean
) language plpgsql stable as $$
begin
  return query
  select a.lot_seq, t.type::text, a.amount, t.seq, t.source, a.from_at, true
  from credit_allocation a
  join credit_transaction t on t.user_id = a.user_id and t.seq = a.transaction_seq
  where a.user_id = p_user and a.lot_seq = any (p_lots) and a.from_at <= p_at
  union all
  select a.lot_seq, 'HELD', a.amount, null, h.source, a.from_at, true
  from credit_allocation a
  join credit_hold h on h.user_id = a.user_id and h.key = a.hold_key
  where a.user_id = p_user and a.lot_seq = any (p_lots) and a.from_at <= p_at and a.to_at > p_at
  union all
  select s.lot_seq, 'SETTLED', s.amount, s.revoke_seq, r.source, s.at, true
  from credit_settlement s
  join credit_transaction r on r.user_id = s.user_id and r.seq = s.revoke_seq
  where s.user_id = p_user and s.lot_seq = any (p_lots) and s.at <= p_at
  union all
  select p.lot_seq, 'SETTLED', p.amount - p.back, null, h.source, p.lapsed_at, false
  from credits_lapsed_parts(p_user, p_at) p
  join credit_hold h on h.user_id = p_user and h.key = p.hold_key
  where p.lot_seq = any (p_lots) and p.amount > p.back
  union all
  select t.lot_seq, 'EXPIRE', -t.amount, t.seq, t.source, t.effective_at, true
  from credit_transaction t
  where t.user_id = p_user and t.lot_seq = any (p_lots) and t.effective_at <= p_at
  union all
  select e.lot_seq, 'EXPIRE', -e.amount, e.seq, e.source, e.effective_at, false
  from credits_pending_expiries(p_user, p_at) e
  where e.lot_seq = any (p_lots);
end
$$;
