-- The rules of monthly allotments that a run, its preview and a page share. They lock nothing.

-- credits_allotment_type(kind): as what a schedule's allotments are booked.
create or replace function credits_allotment_type(p_kind credit_schedule_kind)
returns credit_type language sql immutable parallel safe as $$
  select case p_kind
    when 'free' then 'MONTHLY_REFRESH'::credit_type
    when 'yearly' then 'SUBSCRIPTION_RENEWAL'::credit_type
    else 'LIFETIME_MONTHLY'::credit_type
  end
$$;

-- credits_memberships_at(user, t): the payments for a membership that cover t (a lifetime's covers all
-- time to come; deletion and full refunds cut what a payment covers).
create or replace function credits_memberships_at(p_user text, p_at timestamptz)
returns table (payment_id text) language sql stable as $$
  select id from payment
  where user_id = p_user and member_until_at > p_at and member_from_at <= p_at
$$;

-- credits_paid_member_at(user, t): was this user a paid member at t.
create or replace function credits_paid_member_at(p_user text, p_at timestamptz)
returns boolean language sql stable as $$
  select exists (select from credits_memberships_at(p_user, p_at))
$$;

-- credits_period_pays(kind, user, due, next due, at): whether a due period brings credits at `at`. A
-- paid schedule is owed every period; a free one only the current, and not even that to whoever was a
-- paid member when it fell due: then the period passes for good. One row, because such a function is
-- inlined into the statement that joins it; a call for each of a million users would cost more than
-- the look itself.
create or replace function credits_period_pays(
  p_kind credit_schedule_kind, p_user text, p_due timestamptz, p_next_due timestamptz, p_at timestamptz
) returns table (pays boolean) language sql stable rows 1 as $$
  select p_kind <> 'free'
    or (p_next_due > p_at and not exists (select from credits_memberships_at(p_user, p_due)))
$$;

-- credits_due_periods(schedule, now, at): the periods of a schedule that are due by `now`, in order,
-- and whether each pays at `at` (the account's time, which may be later). No month is shorter than 28
-- days, so there are not more of them than 28 days have gone by, and one.
create or replace function credits_due_periods(
  s credit_schedule, p_now timestamptz, p_at timestamptz
) returns table (n integer, due_at timestamptz, next_due_at timestamptz, pays boolean)
language sql stable rows 1 as $$
  select period.n, due.at, due.next_at, rule.pays
  from generate_series(
    s.next_n, s.next_n + floor(extract(epoch from p_now - s.next_due_at) / 2419200)::integer
  ) as period (n)
  cross join lateral (
    select credits_add_months(s.anchor_at, period.n), credits_add_months(s.anchor_at, period.n + 1)
  ) as due (at, next_at)
  cross join lateral credits_period_pays(s.kind, s.user_id, due.at, due.next_at, p_at) rule
  where s.next_due_at <= p_now and due.at <= p_now and (s.ends_at is null or due.at < s.ends_at)
  order by period.n
$$;

-- credits_schedule_end(kind, anchor, end): when a schedule ends that is said to end at `end`: a year's
-- after 12 allotments at the latest.
create or replace function credits_schedule_end(
  p_kind credit_schedule_kind, p_anchor timestamptz, p_ends_at timestamptz
) returns timestamptz language sql immutable parallel safe as $$
  select case when p_kind = 'yearly' then least(p_ends_at, credits_add_months(p_anchor, 12)) else p_ends_at end
$$;
