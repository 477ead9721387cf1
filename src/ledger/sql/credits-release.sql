-- credits_release: gives a hold back, onto the very lots it came from; what comes back to an expired
-- lot expires at once. Locks the account. A hold that has lapsed is free already: that is answered,
-- not refused, and uses up no key.
create or replace function credits_release(
  p_user text, p_hold_key text, p_key text, p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  acc credit_account;
  hold credit_hold;
begin
  acc := credits_lock_account(p_user, p_now);
  select * into hold from credit_hold where user_id = p_user and key = p_hold_key;
  if hold.status = 'released' and hold.release_key = p_key then
    return jsonb_build_object('released', hold.amount, 'status', 'released', 'replayed', true);
  end if;
  if (credits_find_by_key(p_user, p_key)).seq is not null then
    perform credits_conflict(p_key);
  end if;
  if hold.key is null then
    perform credits_raise('QF005', 'There is no such hold.');
  end if;
  if hold.status in ('captured', 'released') then
    perform credits_raise('QF006', 'This hold is closed.', jsonb_build_object('status', hold.status));
  end if;
  acc := credits_catch_up(acc);
  if hold.status = 'lapsed' or hold.expires_at <= acc.as_of then
    perform credits_save_account(acc);
    return jsonb_build_object('released', 0, 'status', 'lapsed', 'replayed', false);
  end if;
  update credit_hold set status = 'released', release_key = p_key, closed_at = acc.as_of
  where user_id = p_user and key = p_hold_key;
  acc := credits_return_hold(acc, hold, 0, acc.as_of);
  perform credits_save_account(acc);
  return jsonb_build_object('released', hold.amount, 'status', 'released', 'replayed', false);
end
$$;
