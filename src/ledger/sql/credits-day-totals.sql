-- credits_day_totals(from, to, t): what moved all users' balances with effect on the UTC days from
-- `from` up to, but without, `to`, by day and type, true at t: an expiry counts on the day it
-- happened, whether or not a job has booked it yet. One snapshot of the days already summed, of the
-- ledger's tail (credits_roll_up says where the one ends and the other begins) and of the lots that
-- expired unbooked. Reads only.
create or replace function credits_day_totals(p_from date, p_to date, p_at timestamptz)
returns table (day date, type credit_type, transactions bigint, credits_in bigint, credits_out bigint)
language plpgsql stable rows 4000 as $$
begin
  -- A text with the watermark as its value, so that the planner knows how little is behind it.
  return query execute $totals$
    with tail as (
      select (t.effective_at at time zone 'UTC')::date as day, t.type, t.amount
      from credit_transaction t where t.booked_at >= $1
      union all
      select (e.effective_at at time zone 'UTC')::date, 'EXPIRE'::credit_type, -e.amount
      from credits_unbooked_expiries($4) e
    )
    select day, type, sum(transactions)::bigint, sum(credits_in)::bigint, sum(credits_out)::bigint
    from (
      select day, type, transactions, credits_in, credits_out
      from credit_day_total
      union all
      select day, type, count(*), coalesce(sum(amount) filter (where amount > 0), 0),
        coalesce(sum(amount) filter (where amount < 0), 0)
      from tail group by day, type
    ) part
    where day >= $2 and day < $3
    group by day, type order by day, type
  $totals$ using coalesce((select rolled_to from credit_roll_up where id = 1), '-infinity'),
    p_from, p_to, p_at;
end
$$;
