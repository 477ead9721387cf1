-- credits_distribute_one: gives one user all that is due by `now`, as a run would, and books what has
-- expired: for an admin who has mended what made the user fail. Waits for and locks the account. An
-- error leaves everything as it was, the note of the failure as well. Granted periods are not granted
-- again.
create or replace function credits_distribute_one(p_user text, p_now timestamptz, p_grace interval)
returns table (schedules integer, allotments integer, credits bigint) language plpgsql
security definer set search_path = public, pg_temp as $$
declare
  acc credit_account;
begin
  select * into acc from credit_account where user_id = p_user for update;
  if acc.user_id is null then
    schedules := 0; allotments := 0; credits := 0;
    return next;
    return;
  end if;
  select d.schedules, d.allotments, d.credits into schedules, allotments, credits
  from credits_distribute_user(acc, p_now, p_grace) d;
  delete from distribution_failure f where f.user_id = p_user;
  return next;
end
$$;
