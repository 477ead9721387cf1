-- credits_repair_batch: gives the free months' schedule to those of up to `limit` users (by id, from
-- the cursor on) who have none: whose account was never opened, because the sign-up was cut off and
-- the person never came back, gets all that a new user starts with; whose account is open, but whose
-- schedule is gone, goes on after the last month that was granted. Reads the users' index and one
-- index entry for each; locks the accounts of those it repairs, in the order of ids. Whoever can't be
-- repaired is answered and stops nobody. Deleted users are let be.
create or replace function credits_repair_batch(
  p_after text, p_limit integer, p_gift bigint, p_gift_expires_at timestamptz, p_monthly bigint,
  p_grace interval, p_now timestamptz
) returns table (repaired integer, failed_users text[], next_user text)
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  missing text[];
  found_users integer;
  repaired_user text;
begin
  repaired := 0; failed_users := '{}';
  select count(*), max(u.id),
    array_agg(u.id order by u.id) filter (where u.deleted_at is null and not exists (
      select from credit_schedule s where s.user_id = u.id and s.id = 'signup'))
  into found_users, next_user, missing
  from (select id, deleted_at from "user" where id > p_after order by id limit p_limit) u;
  if found_users < p_limit then
    next_user := null;
  end if;
  foreach repaired_user in array coalesce(missing, '{}') loop
    begin
      if not credits_open_account(repaired_user, p_gift, p_gift_expires_at, p_monthly, p_grace, p_now) then
        perform credits_reinstate_schedule(repaired_user, p_monthly);
      end if;
      repaired := repaired + 1;
    exception when others then
      failed_users := failed_users || repaired_user;
    end;
  end loop;
  return next;
end
$$;

-- credits_reinstate_schedule: the free schedule of an open, locked account, anchored where it was, at
-- the month after the last one granted. The months missed meanwhile pass, as in every late run.
create or replace function credits_reinstate_schedule(p_user text, p_monthly bigint)
returns void language sql as $$
  insert into credit_schedule (user_id, id, kind, credits, anchor_at, next_n, next_due_at)
  select p_user, 'signup', 'free', p_monthly, a.opened_at, granted.n + 1,
    credits_add_months(a.opened_at, granted.n + 1)
  from credit_account a, (
    select coalesce(max(l.period_number), 0) as n
    from credit_lot l where l.user_id = p_user and l.source = 'signup'
  ) granted
  where a.user_id = p_user
  on conflict do nothing
$$;
