-- Reconciliation: recomputing invariant 1 and freezing the accounts that drifted.

-- credits_reconcile_batch: checks the next `limit` users of a reconciliation, by id, in one set-based
-- statement: the sum of transactions, their gapless numbers, what lots have left, what is held, the
-- outstanding debt and the cached balance must agree. Freezes accounts that drifted. The
-- reconciliation's row keeps the progress and the findings in the same transaction, so that an
-- interrupted one can be resumed. A batch that is not full finishes it.
-- Locks the reconciliation's row, so that one worker is active at a time, and the accounts it freezes.
-- Returns the number of users checked, 0 for a finished reconciliation.
create or replace function credits_reconcile_batch(p_id uuid, p_limit integer, p_now timestamptz)
returns integer language plpgsql
security definer set search_path = public, pg_temp as $$
declare
  after_user text;
  users integer;
  last_user text;
  drifted text[];
begin
  select reached_user into after_user from reconciliation
  where id = p_id and finished_at is null for update;
  if not found then return 0; end if;

  with batch as materialized (
    select user_id, balance, held, debt, version from credit_account
    where user_id > after_user order by user_id limit p_limit
  ), booked as (
    select t.user_id, sum(t.amount) as total, count(*) as rows, max(t.seq) as last_seq
    from credit_transaction t
    where t.user_id > after_user and t.user_id <= (select max(user_id) from batch)
    group by t.user_id
  ), lots as (
    select l.user_id, sum(l.remaining) as remaining from credit_lot l
    where l.is_open and l.user_id > after_user and l.user_id <= (select max(user_id) from batch)
    group by l.user_id
  ), holds as (
    select h.user_id, sum(h.amount) as held from credit_hold h
    where h.status = 'open' and h.user_id > after_user and h.user_id <= (select max(user_id) from batch)
    group by h.user_id
  ), owed as (
    select r.user_id, sum(r.debt_made) - coalesce((
      select sum(s.amount) from credit_settlement s where s.user_id = r.user_id), 0) as debt
    from credit_transaction r
    where r.debt_made > 0 and r.user_id > after_user and r.user_id <= (select max(user_id) from batch)
    group by r.user_id
  ), judged as (
    select b.user_id,
      coalesce(k.total, 0) = coalesce(l.remaining, 0) + b.held - b.debt
      and b.balance = coalesce(l.remaining, 0) - b.debt
      and b.held = coalesce(h.held, 0)
      and b.debt = coalesce(o.debt, 0)
      and (b.debt = 0 or l.remaining is null)
      and b.version = coalesce(k.rows, 0) and b.version = coalesce(k.last_seq, 0) as balanced
    from batch b
    left join booked k using (user_id)
    left join lots l using (user_id)
    left join holds h using (user_id)
    left join owed o using (user_id)
  )
  select count(*), max(user_id), coalesce(array_agg(user_id order by user_id) filter (where not balanced), '{}')
  into users, last_user, drifted from judged;

  update credit_account
  set frozen_at = p_now, frozen_reason = 'The books did not balance when they were reconciled.'
  where user_id = any (drifted) and frozen_at is null;

  update reconciliation
  set users_checked = users_checked + users, reached_user = coalesce(last_user, reached_user),
    drifted_users = drifted_users || drifted, updated_at = p_now,
    finished_at = case when users < p_limit then p_now end
  where id = p_id;
  return users;
end
$$;

-- credits_set_frozen: freezes an account for a reason, or unfreezes it (null). Returns false if there
-- is no account. Locks the account.
create or replace function credits_set_frozen(p_user text, p_reason text, p_now timestamptz)
returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update credit_account
  set frozen_at = case when p_reason is not null then coalesce(frozen_at, p_now) end,
    frozen_reason = p_reason
  where user_id = p_user;
  return found;
end
$$;
