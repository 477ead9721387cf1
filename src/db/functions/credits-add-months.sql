-- credits_add_months(anchor, n): the instant n months after anchor, counted in UTC and clamped to
-- the month's end (31 Jan → 28 Feb → 31 Mar, always from the anchor). Without `at time zone 'UTC'`
-- the session's zone would decide. Locks nothing.
create or replace function credits_add_months(p_anchor timestamptz, p_n integer)
returns timestamptz language sql immutable parallel safe as $$
  select ((p_anchor at time zone 'UTC') + make_interval(months => p_n)) at time zone 'UTC'
$$;

-- credits_allotment_expiry(anchor, n, grace, now): when the allotment of period n expires: a grace
-- after the next one is due. Booked more than 24 hours late it lasts a month and the grace from
-- when it is booked, so that a late run never hands out credits that are almost gone.
create or replace function credits_allotment_expiry(
  p_anchor timestamptz, p_n integer, p_grace interval, p_now timestamptz
) returns timestamptz language sql immutable parallel safe as $$
  select case
    when p_now > credits_add_months(p_anchor, p_n) + interval '24 hours'
      then credits_add_months(p_now, 1)
    else credits_add_months(p_anchor, p_n + 1)
  end + p_grace
$$;
