-- credits_settle_debt(acc, lot, amount, at): credits on their way to a lot pay off debt first, the
-- oldest revocation's first, and the settlement is recorded. Answers the account with its debt (and
-- so its balance) changed; what is over is the caller's to put on the lot.
create or replace function credits_settle_debt(
  acc credit_account, p_lot_seq bigint, p_amount bigint, p_at timestamptz
) returns credit_account language plpgsql as $$
declare
  settled bigint := least(acc.debt, p_amount);
begin
  if settled = 0 then
    return acc;
  end if;
  insert into credit_settlement (user_id, lot_seq, revoke_seq, amount, at)
  select acc.user_id, p_lot_seq, seq, least(owing, settled - (upto - owing)), p_at
  from (
    select seq, owing, sum(owing) over (order by seq) as upto
    from (
      select t.seq, t.debt_made - coalesce((
        select sum(s.amount) from credit_settlement s
        where s.user_id = t.user_id and s.revoke_seq = t.seq
      ), 0) as owing
      from credit_transaction t
      where t.user_id = acc.user_id and t.type = 'REVOKE'
    ) owed
    where owing > 0
  ) queue
  where upto - owing < settled
  order by seq;
  acc.debt := acc.debt - settled;
  acc.balance := acc.balance + settled;
  return acc;
end
$$;

-- credits_put_on_lot(acc, lot, amount, at): puts credits back on the lot they came from (release,
-- refund, restoration), after debt is settled.
create or replace function credits_put_on_lot(
  acc credit_account, p_lot_seq bigint, p_amount bigint, p_at timestamptz
) returns credit_account language plpgsql as $$
declare
  rest bigint;
begin
  rest := p_amount - least(acc.debt, p_amount);
  acc := credits_settle_debt(acc, p_lot_seq, p_amount, p_at);
  if rest > 0 then
    update credit_lot set remaining = remaining + rest
    where user_id = acc.user_id and seq = p_lot_seq;
    acc.balance := acc.balance + rest;
  end if;
  return acc;
end
$$;
