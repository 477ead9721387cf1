-- What a run has to do, said once for its batches, for the question whether anything is left, and for
-- the page that follows it. Whoever the run has failed for is left alone until the next one. The two
-- looks are inlined into the statements that use them; they lock nothing.

-- credits_due_schedules: the schedules with a period due by `now`.
create or replace function credits_due_schedules(p_run_id uuid, p_now timestamptz)
returns table (user_id text, due_at timestamptz) language sql stable as $$
  select s.user_id, s.next_due_at from credit_schedule s
  where s.next_due_at is not null and s.next_due_at <= p_now
    and not exists (
      select from distribution_failure f where f.user_id = s.user_id and f.run_id = p_run_id)
$$;

-- credits_expired_lots: the lots that expired by `now` with something left on them. A sweep has no run
-- (null) and leaves alone whoever anything has failed for.
create or replace function credits_expired_lots(p_run_id uuid, p_now timestamptz)
returns table (user_id text, due_at timestamptz) language sql stable as $$
  select l.user_id, l.expires_at from credit_lot l
  where l.is_open and l.expires_at is not null and l.expires_at <= p_now
    and not exists (
      select from distribution_failure f
      where f.user_id = l.user_id and (p_run_id is null or f.run_id = p_run_id))
$$;

-- credits_lapsed_holds: the holds that lapsed by `now`, likewise.
create or replace function credits_lapsed_holds(p_run_id uuid, p_now timestamptz)
returns table (user_id text, due_at timestamptz) language sql stable as $$
  select h.user_id, h.expires_at from credit_hold h
  where h.status = 'open' and h.expires_at <= p_now
    and not exists (
      select from distribution_failure f
      where f.user_id = h.user_id and (p_run_id is null or f.run_id = p_run_id))
$$;

-- credits_is_anything_due / credits_is_anything_expired: whether anything is left. By index alone:
-- where all is served and the statistics still say that all is due, the planner would rather read the
-- whole table for its first due row.
create or replace function credits_is_anything_due(p_run_id uuid, p_now timestamptz)
returns boolean language sql stable
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off as $$
  select exists (select from credits_due_schedules(p_run_id, p_now))
$$;

create or replace function credits_is_anything_expired(p_run_id uuid, p_now timestamptz)
returns boolean language sql stable
set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off as $$
  select exists (select from credits_expired_lots(p_run_id, p_now))
    or exists (select from credits_lapsed_holds(p_run_id, p_now))
$$;
