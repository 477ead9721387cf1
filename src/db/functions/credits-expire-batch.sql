-- credits_expire_batch: books what time has done for users whose lots expired or whose holds lapsed by
-- `now`: up to `limit` of each, passing over accounts that are locked (the next batch or the user's
-- own next write gets them; what is passed over is never waited for, so no order of locks can
-- deadlock). Reads only what is due, through the expiry indexes. A user whose booking fails is
-- rolled back alone, counted and skipped by `after` (user ids that failed in this run). The run's
-- row, if given, is brought up to date in the same transaction.
create or replace function credits_expire_batch(
  p_run_id uuid, p_now timestamptz, p_limit integer, p_failed_users text[]
) returns table (users integer, lots integer, credits bigint, failed_users text[], last_error text)
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  due_users text[];
  acc credit_account;
  before_version bigint;
  before_total bigint;
begin
  users := 0; lots := 0; credits := 0; failed_users := p_failed_users;
  select array_agg(user_id) into due_users from (
    select user_id from (
      select l.user_id from credit_lot l join credit_account a on a.user_id = l.user_id
      where l.is_open and l.expires_at is not null and l.expires_at <= p_now
        and l.user_id <> all (p_failed_users)
      order by l.expires_at, l.user_id limit p_limit
      for update of a skip locked
    ) expired
    union
    select user_id from (
      select h.user_id from credit_hold h join credit_account a on a.user_id = h.user_id
      where h.status = 'open' and h.expires_at <= p_now and h.user_id <> all (p_failed_users)
      order by h.expires_at, h.user_id limit p_limit
      for update of a skip locked
    ) lapsed
  ) due;

  for acc in
    select * from credit_account where user_id = any (due_users) order by user_id
  loop
    begin
      before_version := acc.version;
      before_total := acc.balance + acc.held;
      acc.as_of := greatest(acc.as_of, p_now);
      acc := credits_catch_up(acc);
      perform credits_save_account(acc);
      users := users + 1;
      lots := lots + (acc.version - before_version)::integer;
      credits := credits + before_total - acc.balance - acc.held;
    exception when others then
      failed_users := failed_users || acc.user_id;
      last_error := sqlerrm;
    end;
  end loop;

  update distribution_run r
  set expired_count = r.expired_count + credits_expire_batch.lots,
    expired_credits = r.expired_credits + credits_expire_batch.credits,
    error_count = r.error_count + cardinality(credits_expire_batch.failed_users) - cardinality(p_failed_users),
    users_count = r.users_count + cardinality(credits_expire_batch.failed_users) - cardinality(p_failed_users),
    last_error = coalesce(credits_expire_batch.last_error, r.last_error),
    updated_at = greatest(r.updated_at, p_now)
  where r.id = p_run_id;
  return next;
end
$$;
