-- credits_open_account: what a new user starts with: the sign-up gift and the first free month, and
-- the schedule of the free months to come, anchored at the sign-up. Locks the account. May be called
-- any number of times, from any number of requests: everything happens once.
create or replace function credits_open_account(
  p_user text, p_gift bigint, p_gift_expires_at timestamptz, p_monthly bigint, p_grace interval, p_now timestamptz
) returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
declare
  acc credit_account;
begin
  acc := credits_lock_account(p_user, p_now, true);
  if acc.opened_at is not null then
    return false;
  end if;
  acc := credits_catch_up(acc);
  acc := credits_put_grant(acc, 'REGISTER_GIFT', 'grant', p_gift, format('signup:%s:gift', p_user),
    'signup', p_gift_expires_at, false, 0);
  insert into credit_schedule (user_id, id, kind, credits, anchor_at, next_n, next_due_at)
  values (p_user, 'signup', 'free', p_monthly, acc.as_of, 1, credits_add_months(acc.as_of, 1));
  acc := credits_put_grant(acc, 'MONTHLY_REFRESH', 'grant', p_monthly, 'schedule:signup:0',
    'signup', credits_allotment_expiry(acc.as_of, 0, p_grace, acc.as_of), false, 0,
    p_period_number => 0);
  perform credits_save_account(acc);
  update credit_account set opened_at = acc.as_of where user_id = p_user;
  return true;
end
$$;
