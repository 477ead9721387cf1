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
  update credit_schedule
  set ends_at = p_ends_at,
    ended_at = null,
    next_due_at = case
      when suspended_at is null
        and (p_ends_at is null or credits_add_months(anchor_at, next_n) < p_ends_at)
      then credits_add_months(anchor_at, next_n) end
  where user_id = p_user and (id = p_id or subscription_id = p_subscription_id)
    and ends_at <= p_from;
  get diagnostics reopened = row_count;
  return reopened;
end
$$;
