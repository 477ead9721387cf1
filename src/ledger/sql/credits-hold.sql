-- credits_hold: sets credits aside for work in progress, until its own expiry at the latest. Locks
-- the account. No transaction is booked: the credits are still the user's. One hold for a key.
create or replace function credits_hold(
  p_user text, p_key text, p_amount bigint, p_source text, p_expires_at timestamptz, p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  acc credit_account;
  hold credit_hold;
begin
  perform credits_check_amount(p_amount);
  acc := credits_lock_account(p_user, p_now);
  select * into hold from credit_hold where user_id = p_user and key = p_key;
  if found then
    if (hold.amount, hold.source) is distinct from (p_amount, p_source) then
      perform credits_conflict(p_key);
    end if;
    return credits_hold_answer(hold, true);
  end if;
  if (credits_find_by_key(p_user, p_key)).seq is not null then
    perform credits_conflict(p_key);
  end if;
  perform credits_require_not_frozen(acc);
  if p_expires_at is null or p_expires_at <= acc.as_of then
    perform credits_raise('QF011', 'A hold must expire in the future.');
  end if;
  acc := credits_catch_up(acc);
  perform credits_require(acc, p_amount);
  insert into credit_hold (user_id, key, amount, source, held_at, expires_at)
  values (p_user, p_key, p_amount, p_source, acc.as_of, p_expires_at)
  returning * into hold;
  perform credits_draw(p_user, p_amount, null, p_key, acc.as_of, p_expires_at);
  acc.balance := acc.balance - p_amount;
  acc.held := acc.held + p_amount;
  perform credits_save_account(acc);
  return credits_hold_answer(hold, false);
end
$$;

create or replace function credits_hold_answer(hold credit_hold, p_replayed boolean)
returns jsonb language sql immutable as $$
  select jsonb_build_object(
    'key', hold.key, 'amount', hold.amount,
    'heldAt', to_char(hold.held_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'expiresAt', to_char(hold.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'replayed', p_replayed)
$$;
