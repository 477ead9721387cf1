-- credits_find_by_key(user, key): the transaction booked under an idempotency key, if any. Called
-- under the account's lock, so that of equal calls side by side one books and the others find it.
-- A key that names a hold or a release can't be a transaction's as well: that is a conflict.
create or replace function credits_find_by_key(p_user text, p_key text)
returns credit_transaction language plpgsql as $$
declare
  found_row credit_transaction;
begin
  if p_key is null or p_key = '' then
    perform credits_raise('QF012', 'Every credit write needs an idempotency key.');
  end if;
  select * into found_row from credit_transaction where user_id = p_user and idempotency_key = p_key;
  if not found and (
    exists (select from credit_hold where user_id = p_user and key = p_key)
    or exists (select from credit_hold where user_id = p_user and release_key = p_key)
  ) then
    perform credits_conflict(p_key);
  end if;
  return found_row;
end
$$;

create or replace function credits_conflict(p_key text) returns void language plpgsql as $$
begin
  perform credits_raise('QF002', 'This idempotency key was used for something else.',
    jsonb_build_object('key', p_key));
end
$$;

-- credits_booking(tx, replayed): what every write answers.
create or replace function credits_booking(tx credit_transaction, p_replayed boolean)
returns jsonb language plpgsql stable as $$
begin
  return credits_booking_answer(
    tx.seq, tx.type, tx.amount, tx.balance_after, tx.booked_at, p_replayed);
end
$$;

create or replace function credits_booking_answer(
  p_seq bigint, p_type credit_type, p_amount bigint, p_balance_after bigint,
  p_booked_at timestamptz, p_replayed boolean
) returns jsonb language plpgsql stable as $$
begin
  return jsonb_build_object(
    'seq', p_seq, 'type', p_type, 'amount', p_amount, 'balanceAfter', p_balance_after,
    'bookedAt', to_char(p_booked_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'replayed', p_replayed);
end
$$;
