-- credits_reverse: brings what was granted under a purchase in line with its refunds and disputes,
-- whole and in one call, so that no allotment, expiry or spend comes between what is read and what is
-- booked. Locks the account. Once or ten times is the same: each step has its reversal's own key.
--   undone    keys of the refunds that failed and disputes that were won: what was revoked for each
--             is restored.
--   standing  [{key, cents, judged}], oldest first: what the payer has back, or holds back. Those not
--             judged yet revoke the difference to round(granted * cents so far / paid), less what
--             expired unused and what is revoked already.
--   schedule  what becomes of the months still promised (credits_align_schedule); null if there are none.
-- What an undone reversal gives back may be owed to one that stands (both together were more than was
-- paid): that much is revoked again, under the key of the one that stands, so that it goes with it.
create or replace function credits_reverse(
  p_user text, p_source text, p_paid bigint, p_undone text[], p_standing jsonb, p_schedule jsonb,
  p_now timestamptz
) returns jsonb language plpgsql security definer set search_path = public, pg_temp as $$
declare
  acc credit_account := credits_lock_account(p_user, p_now);
  restored bigint := 0;
  revoked bigint := 0;
  taken bigint;
  granted bigint;
  expired bigint;
  cents bigint;
  need bigint;
  step record;
begin
  perform credits_align_schedule(p_user, p_source, p_schedule, p_now);

  for step in
    -- The first revocation of a reversal is restored under its plain key, a further one under its number.
    select t.seq, t.amount, u.key || ':restore' || case when exists (
        select from credit_transaction e
        where e.user_id = p_user and e.type = 'REVOKE' and e.reversal_id = u.key and e.seq < t.seq
      ) then ':revocation:' || t.seq else '' end as key
    from unnest(p_undone) with ordinality as u (key, nth)
    join credit_transaction t on t.user_id = p_user and t.type = 'REVOKE' and t.source = p_source
      and t.reversal_id = u.key
    where not exists (
      select from credit_transaction r where r.user_id = p_user and r.related_seq = t.seq)
    order by u.nth, t.seq
  loop
    perform credits_restore(p_user, step.seq, step.key, p_now);
    restored := restored - step.amount;
  end loop;

  select coalesce(sum(t.amount) filter (where t.operation = 'grant'), 0),
    coalesce(-sum(t.amount) filter (where t.type = 'REVOKE' and not exists (
      select from credit_transaction r where r.user_id = p_user and r.related_seq = t.seq)), 0)
  into granted, taken
  from credit_transaction t where t.user_id = p_user and t.source = p_source;
  select coalesce(sum(case when l.expires_at <= acc.as_of then l.remaining else 0 end), 0) + coalesce((
      select -sum(t.amount) from credit_transaction t
      where t.user_id = p_user and t.type = 'EXPIRE' and t.lot_seq in (
        select seq from credit_lot where user_id = p_user and source = p_source)), 0)
  into expired
  from credit_lot l where l.user_id = p_user and l.source = p_source;

  select coalesce(sum((s ->> 'cents')::bigint) filter (where (s ->> 'judged')::boolean), 0)
  into cents from jsonb_array_elements(p_standing) s;
  for step in
    select s ->> 'key' as key, (s ->> 'cents')::bigint as cents
    from jsonb_array_elements(p_standing) with ordinality as e (s, nth)
    where not (s ->> 'judged')::boolean order by nth
  loop
    cents := cents + step.cents;
    need := credits_share(granted, cents, p_paid) - expired - taken;
    if need > 0 then
      perform credits_revoke(p_user, step.key || ':revoke', need, p_source, p_now, step.key);
      taken := taken + need;
      revoked := revoked + need;
    end if;
  end loop;

  need := least(credits_share(granted, cents, p_paid) - expired - taken, restored);
  if need > 0 and jsonb_array_length(p_standing) > 0 then
    perform credits_revoke(p_user,
      format('%s:revoke:%s', p_standing -> -1 ->> 'key', p_undone[array_upper(p_undone, 1)]),
      need, p_source, p_now, p_standing -> -1 ->> 'key');
    revoked := revoked + need;
  end if;
  return jsonb_build_object('restored', restored, 'revoked', revoked);
end
$$;

-- credits_share(granted, cents, paid): the credits behind that part of the money, never more than all.
-- Multiplied before it is divided: nothing is lost to a fraction.
create or replace function credits_share(p_granted bigint, p_cents bigint, p_paid bigint)
returns bigint language sql immutable as $$
  select round(p_granted::numeric * least(p_cents, p_paid) / greatest(p_paid, 1))::bigint
$$;

-- credits_align_schedule: {from, over} ends a purchase's schedule as of its beginning; {from, reopens,
-- until, ends_at, dispute} lets one that was ended so go on to `until` (null = for ever), ends it at
-- `ends_at` if something else ended it since, and suspends it while a dispute is `open` or resumes it
-- when all are `settled`. Called under the account's lock.
create or replace function credits_align_schedule(
  p_user text, p_id text, p_plan jsonb, p_now timestamptz
) returns void language plpgsql as $$
declare
  starts_at timestamptz := (p_plan ->> 'from')::timestamptz;
begin
  if p_plan is null then
    return;
  end if;
  if (p_plan ->> 'over')::boolean then
    perform credits_end_schedules(p_user, p_id, null, starts_at);
    return;
  end if;
  if (p_plan ->> 'reopens')::boolean then
    perform credits_reopen_schedules(p_user, p_id, null, starts_at, (p_plan ->> 'until')::timestamptz);
  end if;
  if p_plan ->> 'ends_at' is not null then
    perform credits_end_schedules(p_user, p_id, null, (p_plan ->> 'ends_at')::timestamptz);
  end if;
  if p_plan ->> 'dispute' = 'open' then
    perform credits_suspend_schedules(p_user, p_id, null, p_now);
  elsif p_plan ->> 'dispute' = 'settled' then
    perform credits_resume_schedules(p_user, p_id, null);
  end if;
end
$$;
