-- credits_add_months(anchor, n): the instant n months after anchor, counted in UTC and clamped to
-- the month's end (31 Jan → 28 Feb → 31 Mar, always from the anchor). Without `at time zone 'UTC'`
-- the session's zone would decide. Locks nothing.
create or replace function credits_add_months(p_anchor timestamptz, p_n integer)
returns timestamptz language sql immutable parallel safe as $$
  select ((p_anchor at time zone 'UTC') + make_interval(months => p_n)) at time zone 'UTC'
$$;

-- credits_period_expiry(kind, due, next due, grace, now): when the allotment of a period expires: a
-- grace after the next one is due. A paid one booked more than 24 hours late lasts a month and the
-- grace from when it is booked, so that a late run never hands out credits that are almost gone.
create or replace function credits_period_expiry(
  p_kind credit_schedule_kind, p_due timestamptz, p_next_due timestamptz, p_grace interval, p_now timestamptz
) returns timestamptz language sql stable parallel safe as $$
  select case when p_kind <> 'free' and p_now > p_due + interval '24 hours'
    then credits_add_months(p_now, 1) else p_next_due end + p_grace
$$;

-- credits_allotment_expiry(anchor, n, grace, now): the same of a paid schedule's period n.
create or replace function credits_allotment_expiry(
  p_anchor timestamptz, p_n integer, p_grace interval, p_now timestamptz
) returns timestamptz language sql stable parallel safe as $$
  select credits_period_expiry('lifetime', credits_add_months(p_anchor, p_n),
    credits_add_months(p_anchor, p_n + 1), p_grace, p_now)
$$;
