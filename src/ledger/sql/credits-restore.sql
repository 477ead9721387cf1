-- credits_restore: undoes one revocation, whole and once (a refund that failed, a dispute that was
-- won). Locks the account. Debt left of it is cancelled first, then what lots paid for it goes back
-- to them, then what was drawn goes back, last drawn first. What has expired meanwhile comes back
-- as a new lot with the validity it had left when it was taken. The first transaction carries the
-- key, a new lot's own ones `key:2`, `key:3` …
create or replace function credits_restore(
  p_user text, p_revoke_seq bigint, p_key text, p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  acc credit_account;
  tx credit_transaction;
  revoked credit_transaction;
  part record;
  cancelled bigint;
  living bigint;
  main_seq bigint;
  written integer := 0;
begin
  acc := credits_lock_account(p_user, p_now);
  tx := credits_find_by_key(p_user, p_key);
  if tx.seq is not null then
    if (tx.operation, tx.related_seq) is distinct from ('restore'::credit_operation, p_revoke_seq)
       or tx.requested is null then
      perform credits_conflict(p_key);
    end if;
    return credits_booking(tx, true) || jsonb_build_object('amount', tx.requested);
  end if;
  select * into revoked from credit_transaction where user_id = p_user and seq = p_revoke_seq;
  if revoked.seq is null or revoked.type <> 'REVOKE' then
    perform credits_raise('QF010', 'There is no such revocation.');
  end if;
  if exists (select from credit_transaction where user_id = p_user and related_seq = p_revoke_seq) then
    perform credits_raise('QF013', 'This revocation was undone already.');
  end if;

  acc := credits_catch_up(acc);
  cancelled := revoked.debt_made - coalesce((
    select sum(amount) from credit_settlement where user_id = p_user and revoke_seq = p_revoke_seq), 0);
  select coalesce(sum(amount), 0) into living
  from credits_taken_by(p_user, p_revoke_seq) where expires_at is null or expires_at > acc.as_of;

  if cancelled + living > 0 then
    written := 1;
    acc := credits_write_transaction(acc, 'RESTORE', 'restore', cancelled + living, p_key, revoked.source,
      p_related_seq => p_revoke_seq, p_requested => -revoked.amount);
    main_seq := acc.version;
    if cancelled > 0 then
      insert into credit_settlement (user_id, lot_seq, revoke_seq, amount, at)
      values (p_user, null, p_revoke_seq, cancelled, acc.as_of);
      acc.debt := acc.debt - cancelled;
      acc.balance := acc.balance + cancelled;
    end if;
  end if;
  -- The parts are read once before anything is put back, as putting back may settle other debt.
  -- What lives goes back before new lots are made: the first transaction's balance counts on it.
  for part in
    select * from credits_taken_by(p_user, p_revoke_seq)
    order by (expires_at is null or expires_at > acc.as_of) desc, nth
  loop
    if part.expires_at is null or part.expires_at > acc.as_of then
      insert into credit_allocation (user_id, lot_seq, amount, transaction_seq, from_at, to_at)
      values (p_user, part.lot_seq, -part.amount, main_seq, acc.as_of, 'infinity');
      acc := credits_put_on_lot(acc, part.lot_seq, part.amount, acc.as_of);
    else
      written := written + 1;
      acc := credits_put_grant(acc, 'RESTORE', 'restore', part.amount,
        case when written = 1 then p_key else format('%s:%s', p_key, written) end, part.source,
        credits_later_by(acc.as_of, greatest(part.expires_at - part.taken_at, interval '1 millisecond')),
        part.paid, part.priority, p_revoke_seq,
        case when written = 1 then -revoked.amount end, part.type);
    end if;
  end loop;
  perform credits_save_account(acc);
  return credits_booking(credits_find_by_key(p_user, p_key), false)
    || jsonb_build_object('amount', -revoked.amount);
end
$$;

-- credits_taken_by(user, revocation): what a revocation took from which lot and when, in the order
-- in which it goes back: what lots paid off of its debt, latest first, then what it drew itself.
create or replace function credits_taken_by(p_user text, p_revoke_seq bigint)
returns table (
  nth bigint, lot_seq bigint, amount bigint, taken_at timestamptz,
  expires_at timestamptz, type credit_type, source text, paid boolean, priority integer
) language sql stable as $$
  select row_number() over (
      order by s.id desc nulls last, l.priority desc, l.expires_at desc nulls first, l.paid desc,
        l.granted_at desc, l.seq desc),
    l.seq, s.amount, s.taken_at, l.expires_at, l.type, l.source, l.paid, l.priority
  from (
    select id, lot_seq, amount, at as taken_at from credit_settlement
    where user_id = p_user and revoke_seq = p_revoke_seq and lot_seq is not null
    union all
    select null, lot_seq, amount, from_at from credit_allocation
    where user_id = p_user and transaction_seq = p_revoke_seq
  ) s
  join credit_lot l on l.user_id = p_user and l.seq = s.lot_seq
$$;

-- credits_later_by(at, span): `at + span` counted in UTC. The difference of two instants is given in
-- days and hours, and adding days in a zone with summer time is not adding 24 hours each.
create or replace function credits_later_by(p_at timestamptz, p_span interval)
returns timestamptz language sql immutable parallel safe as $$
  select ((p_at at time zone 'UTC') + p_span) at time zone 'UTC'
$$;
