-- credits_reopen_schedules: takes back an end as of `from`, the instant at which a purchase begins
-- (a full refund or a lost dispute ends its schedules so, and the money came after all). They run
-- to `ends_at` again, null = for ever; the periods missed meanwhile are due, and the next run grants
-- them. A schedule that runs, or was ended later for another reason, is left as it is, and so is a
-- suspension. Once or ten times is the same. Locks the account.
create or replace function credits_reopen_schedules(
  p_user text, p_id text, p_subscription_id text, p_from timestamptz, p_ends_at timestamptz
) returns integer language plpgsql security definer set search_path = public, pg_temp as $$
declare
  reopened integer;
begin
  perform from credit_account where user_id = p_user for update;
  update credit_schedule s
  set ends_at = reopened_until.at,
    ended_at = null,
    next_due_at = case
      when s.suspended_at is null and (reopened_until.at is null or next_due.at < reopened_until.at)
      then next_due.at end
  from credit_schedule old
  cross join lateral (select credits_schedule_end(old.kind, old.anchor_at, p_ends_at)) as reopened_until (at)
  cross join lateral (select credits_add_months(old.anchor_at, old.next_n)) as next_due (at)
  where old.user_id = p_user and (old.id = p_id or old.subscription_id = p_subscription_id)
    and old.ends_at <= p_from and s.user_id = old.user_id and s.id = old.id;
  get diagnostics reopened = row_count;
  return reopened;
end
$$;
