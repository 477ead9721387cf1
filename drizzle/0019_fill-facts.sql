-- Fills the new columns of existing rows from the ids and keys that carried these facts so far.
UPDATE "payment" SET "session_id" = substr("id", length('checkout:') + 1) WHERE starts_with("id", 'checkout:');--> statement-breakpoint
UPDATE "payment" SET "invoice_id" = substr("id", length('invoice:') + 1) WHERE starts_with("id", 'invoice:');--> statement-breakpoint

-- Allotments: `schedule:<source>:<period>`, and `<source>:allotment` for period 0 of a paid schedule.
UPDATE "credit_lot" l
SET "period_number" = substr(t."idempotency_key", length('schedule:' || l."source" || ':') + 1)::integer
FROM "credit_transaction" t
WHERE t."user_id" = l."user_id" AND t."seq" = l."seq" AND t."operation" = 'grant'
  AND starts_with(t."idempotency_key", 'schedule:' || l."source" || ':')
  AND substr(t."idempotency_key", length('schedule:' || l."source" || ':') + 1) ~ '^\d{1,9}$';--> statement-breakpoint
UPDATE "credit_lot" l
SET "period_number" = 0
FROM "credit_schedule" s, "credit_transaction" t
WHERE s."user_id" = l."user_id" AND s."id" = l."source"
  AND t."user_id" = l."user_id" AND t."seq" = l."seq" AND t."operation" = 'grant'
  AND t."idempotency_key" = l."source" || ':allotment';--> statement-breakpoint
-- From now on the period is one of the facts that never change.
DROP TRIGGER "facts_stay" ON "credit_lot";--> statement-breakpoint
CREATE TRIGGER "facts_stay"
  BEFORE UPDATE OF user_id, seq, type, source, amount, priority, paid, granted_at, expires_at, period_number ON "credit_lot"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_changing_facts"();--> statement-breakpoint

-- Revocations: `<reversal>:revoke` and `<reversal>:revoke:<undone reversal>`. They are few and found by
-- their partial index, so the rest of the ledger keeps its place. The trigger is off for this
-- transaction alone: ALTER TABLE keeps other writers out until COMMIT, and a rollback turns it on again.
ALTER TABLE "credit_transaction" DISABLE TRIGGER "append_only";--> statement-breakpoint
UPDATE "credit_transaction"
SET "reversal_id" = substring("idempotency_key" from '^((?:refund|dispute):[^:]+):revoke(?::|$)')
WHERE "type" = 'REVOKE' AND "idempotency_key" ~ '^(refund|dispute):[^:]+:revoke(:|$)';--> statement-breakpoint
ALTER TABLE "credit_transaction" ENABLE TRIGGER "append_only";--> statement-breakpoint

-- Functions with another name or other arguments now; today's are installed after the migrations.
DROP FUNCTION IF EXISTS credits_refuse(text, text, jsonb);--> statement-breakpoint
DROP FUNCTION IF EXISTS credits_revoke(text, text, bigint, text, timestamptz);--> statement-breakpoint
DROP FUNCTION IF EXISTS credits_put_grant(credit_account, credit_type, credit_operation, bigint, text, text, timestamptz, boolean, integer, bigint, bigint, credit_type);--> statement-breakpoint
DROP FUNCTION IF EXISTS credits_write_transaction(credit_account, credit_type, credit_operation, bigint, text, text, timestamptz, bigint, bigint, bigint, bigint);
