-- credits_note_failure: writes down that a user could not be served, and why. Answers whether this
-- run had not failed for the user before, so that nobody is counted twice, however many workers and
-- calls meet. A sweep belongs to no run (null): it notes who fails for the first time and leaves the
-- others to the next run. Called under the account's lock.
create or replace function credits_note_failure(
  p_user text, p_run_id uuid, p_stage distribution_stage, p_error text, p_at timestamptz
) returns boolean language plpgsql as $$
begin
  insert into distribution_failure as f (user_id, run_id, stage, error, since_at, failed_at)
  values (p_user, p_run_id, p_stage, p_error, p_at, p_at)
  on conflict (user_id) do update
  set run_id = excluded.run_id, stage = excluded.stage, error = excluded.error, failed_at = excluded.failed_at
  where excluded.run_id is not null and f.run_id is distinct from excluded.run_id;
  return found;
end
$$;

-- credits_forget_failures(now): strikes off those to whom nothing is owed any more: their schedule has
-- ended, or a write of their own has booked what had expired. Reads the failures and, for each, a few
-- index entries. Answers how many. Locks no account.
create or replace function credits_forget_failures(p_now timestamptz)
returns integer language plpgsql security definer set search_path = public, pg_temp as $$
declare
  forgotten integer;
begin
  delete from distribution_failure f
  where not exists (
      select from credit_schedule s where s.user_id = f.user_id and (s.next_due_at <= p_now) is true)
    and not exists (
      select from credit_lot l where l.user_id = f.user_id and l.is_open and (l.expires_at <= p_now) is true)
    and not exists (
      select from credit_hold h where h.user_id = f.user_id and h.status = 'open' and h.expires_at <= p_now);
  get diagnostics forgotten = row_count;
  return forgotten;
end
$$;
