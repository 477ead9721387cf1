-- Privileges of the application's role: full access to the other tables, but only SELECT on the ledger,
-- which it writes through functions. Applied at every migration.
grant usage on schema public to :app_role;
grant select, insert, update, delete on all tables in schema public to :app_role;
revoke insert, update, delete, truncate, references, trigger on
  credit_account, credit_transaction, credit_lot, credit_hold, credit_hold_extension, credit_unbilled, credit_allocation,
  credit_settlement, credit_schedule, spend_limit, spend_count, credit_signal, low_balance_default, credit_day_total,
  credit_roll_up, distribution_failure
  from :app_role;
revoke insert, update, delete, truncate on installed_function_set from :app_role;
-- The audit log is append-only. A function deletes old sign-ins of admins and nothing else.
revoke update, delete, truncate on audit_log, audit_result from :app_role;
-- What a price was sold under never changes.
revoke update, delete, truncate on catalog_price from :app_role;
-- What a buyer consented to never changes.
revoke update, delete, truncate on supply_consent from :app_role;
-- The health check reads which migrations were applied.
grant usage on schema drizzle to :app_role;
grant select on drizzle.__drizzle_migrations to :app_role;
grant usage on all sequences in schema public to :app_role;

revoke execute on all functions in schema public from public;
revoke execute on all functions in schema public from :app_role;
grant execute on function
  credits_add_months(timestamptz, integer),
  credits_allotment_expiry(timestamptz, integer, interval, timestamptz),
  credits_period_expiry, credits_memberships_at, credits_period_pays, credits_allotment_type, credits_due_periods,
  credits_grant, credits_spend, credits_spend_batch, credits_adjust, credits_hold, credits_extend, credits_capture, credits_release,
  credits_refund_spend, credits_revoke, credits_restore, credits_reverse,
  credits_open_account, credits_grant_withheld, credits_open_schedule, credits_end_schedules,
  credits_suspend_schedules, credits_resume_schedules, credits_reopen_schedules,
  credits_move_expiry, credits_expire_batch, credits_distribute_batch, credits_distribute_one, credits_distribution_preview,
  credits_prune_failures, credits_due_schedules, credits_is_anything_due, credits_is_anything_expired,
  credits_expired_lots, credits_lapsed_holds,
  credits_reconcile_batch, credits_set_frozen, credits_repair_batch,
  credits_paid_member_at, credits_read_instant, credits_lots_at, credits_balance, credits_lapsed_parts, credits_is_live,
  credits_outstanding, credits_set_limit, credits_limits_at, credits_limits_of, credits_spent_in_window,
  credits_window_start, credits_window_end, credits_lots_in_burn_order, credits_burn_positions,
  credits_pending_expiries, credits_lot_history,
  credits_take_signals, credits_prune_signals, credits_set_low_balance, credits_set_low_balance_default,
  credits_roll_up, credits_check_roll_up, credits_day_totals, credits_unbooked_expiries,
  audit_prune_access
  to :app_role;
