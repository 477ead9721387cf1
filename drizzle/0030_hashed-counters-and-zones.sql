-- Earlier keys name network addresses. Every counter starts again, which is at most a day early.
delete from rate_limit;
--> statement-breakpoint
-- One spelling per zone, as the settings and the sign-up now store it.
update "user" set time_zone = known.name
  from pg_timezone_names known
  where lower(known.name) = lower("user".time_zone) and known.name <> "user".time_zone;
