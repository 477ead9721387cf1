-- Its result type has changed since migration 0036.
DROP FUNCTION IF EXISTS credits_reinstate_schedule(text, bigint);--> statement-breakpoint
ALTER TABLE "catalog_price" ADD COLUMN "grace_hours" integer;--> statement-breakpoint
ALTER TABLE "payment" ADD COLUMN "month_ends_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "credit_schedule" ADD COLUMN "grace" interval;--> statement-breakpoint
-- A month without a schedule expired 48 hours after its end, or after its booking if that was later.
UPDATE "payment" p SET month_ends_at = CASE WHEN g.until > g.booked_at THEN g.until
  ELSE least(g.until, ((p.member_from_at AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC') END
FROM (
  SELECT DISTINCT ON (t.user_id, t.source) t.user_id, t.source, t.booked_at,
    l.expires_at - interval '48 hours' AS until
  FROM credit_transaction t JOIN credit_lot l ON l.user_id = t.user_id AND l.seq = t.seq
  WHERE t.operation = 'grant' AND l.period_number IS NULL AND l.expires_at IS NOT NULL
  ORDER BY t.user_id, t.source, t.seq
) g
WHERE p.user_id = g.user_id AND p.id = g.source AND p.subscription_id IS NOT NULL;
