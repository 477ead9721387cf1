-- credits_open_schedule: a paid source's schedule. It grants month 0 under `key` and promises the
-- months from 1 on, those due before `ends_at`. Without a key nothing is granted now, and the next
-- allotment is month `first_n` (a switch of plans while an allotment is running). A year ends after 12
-- allotments, whatever else is said of it. Locks the account.
create or replace function credits_open_schedule(
  p_user text, p_id text, p_kind credit_schedule_kind, p_subscription_id text, p_key text,
  p_credits bigint, p_type credit_type, p_anchor timestamptz, p_ends_at timestamptz,
  p_first_n integer, p_grace interval, p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  acc credit_account;
  tx credit_transaction;
  due timestamptz := credits_add_months(p_anchor, p_first_n);
  ends timestamptz := credits_schedule_end(p_kind, p_anchor, p_ends_at);
begin
  perform credits_check_amount(p_credits);
  acc := credits_lock_account(p_user, p_now, true);
  if p_key is not null then
    tx := credits_find_by_key(p_user, p_key);
    if tx.seq is not null then
      if (tx.operation, tx.amount, tx.source) is distinct from ('grant'::credit_operation, p_credits, p_id) then
        perform credits_conflict(p_key);
      end if;
      return credits_booking(tx, true);
    end if;
  end if;
  insert into credit_schedule (
    user_id, id, kind, credits, subscription_id, anchor_at, next_n, next_due_at, ends_at
  ) values (
    p_user, p_id, p_kind, p_credits, p_subscription_id, p_anchor, p_first_n,
    case when ends is null or due < ends then due end, ends
  ) on conflict do nothing;
  if p_key is null then
    return null;
  end if;
  acc := credits_catch_up(acc);
  acc := credits_put_grant(acc, p_type, 'grant', p_credits, p_key, p_id,
    credits_allotment_expiry(p_anchor, 0, p_grace, acc.as_of), true, 0,
    p_period_number => 0);
  perform credits_save_account(acc);
  return credits_booking(credits_find_by_key(p_user, p_key), false);
end
$$;

-- credits_end_schedules: no period due at or after `ends_at` will be granted; earlier ones still
-- are. Names the schedules by their source or their subscription. Locks the account.
create or replace function credits_end_schedules(
  p_user text, p_id text, p_subscription_id text, p_ends_at timestamptz
) returns integer language plpgsql security definer set search_path = public, pg_temp as $$
declare
  ended integer;
begin
  perform from credit_account where user_id = p_user for update;
  update credit_schedule
  set ends_at = least(ends_at, p_ends_at),
    ended_at = coalesce(ended_at, p_ends_at),
    next_due_at = case when next_due_at < p_ends_at then next_due_at end
  where user_id = p_user and (id = p_id or subscription_id = p_subscription_id);
  get diagnostics ended = row_count;
  return ended;
end
$$;

-- credits_suspend_schedules / credits_resume_schedules: an opened dispute keeps allotments back; a
-- won one lets them go on, with the missed periods. Lock the account.
create or replace function credits_suspend_schedules(
  p_user text, p_id text, p_subscription_id text, p_now timestamptz
) returns integer language plpgsql security definer set search_path = public, pg_temp as $$
declare
  changed integer;
begin
  perform from credit_account where user_id = p_user for update;
  update credit_schedule set suspended_at = coalesce(suspended_at, p_now), next_due_at = null
  where user_id = p_user and (id = p_id or subscription_id = p_subscription_id);
  get diagnostics changed = row_count;
  return changed;
end
$$;

create or replace function credits_resume_schedules(
  p_user text, p_id text, p_subscription_id text
) returns integer language plpgsql security definer set search_path = public, pg_temp as $$
declare
  changed integer;
begin
  perform from credit_account where user_id = p_user for update;
  update credit_schedule
  set suspended_at = null,
    next_due_at = case
      when ends_at is null or credits_add_months(anchor_at, next_n) < ends_at
      then credits_add_months(anchor_at, next_n) end
  where user_id = p_user and (id = p_id or subscription_id = p_subscription_id)
    and suspended_at is not null;
  get diagnostics changed = row_count;
  return changed;
end
$$;
