-- credits_write_transaction(acc, …): appends one row of the ledger under the account's lock and
-- answers the account with its next version. The balance after is the running sum of booked
-- amounts, which is available + held; the caller moves the amount on `acc` afterwards.
create or replace function credits_write_transaction(
  acc credit_account,
  p_type credit_type,
  p_operation credit_operation,
  p_amount bigint,
  p_key text,
  p_source text,
  p_effective timestamptz default null,
  p_lot_seq bigint default null,
  p_related_seq bigint default null,
  p_requested bigint default null,
  p_debt_made bigint default null,
  p_reversal_id text default null
) returns credit_account language plpgsql as $$
begin
  acc.version := acc.version + 1;
  if abs(acc.balance + acc.held + p_amount) > 9007199254740991 then
    perform credits_raise('QF008', 'The balance would leave the range of exact whole numbers.',
      jsonb_build_object('amount', p_amount));
  end if;
  insert into credit_transaction (
    user_id, seq, type, operation, amount, balance_after, idempotency_key, source,
    lot_seq, related_seq, requested, debt_made, reversal_id, booked_at, effective_at
  ) values (
    acc.user_id, acc.version, p_type, p_operation, p_amount, acc.balance + acc.held + p_amount,
    p_key, p_source, p_lot_seq, p_related_seq, p_requested, p_debt_made, p_reversal_id,
    acc.as_of, coalesce(p_effective, acc.as_of)
  );
  return acc;
end
$$;
