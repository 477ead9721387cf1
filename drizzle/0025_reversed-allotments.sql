ALTER TABLE "credit_schedule" DROP CONSTRAINT "credit_schedule_credits";--> statement-breakpoint
ALTER TABLE "credit_schedule" ADD COLUMN "reversed_credits" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "credit_schedule" ADD CONSTRAINT "credit_schedule_credits" CHECK (credits >= 0 and reversed_credits >= 0 and credits + reversed_credits > 0);--> statement-breakpoint
-- Months still to come of purchases that were refunded in part bring their share of the rest.
UPDATE "credit_schedule" s
SET "credits" = rule.kept, "reversed_credits" = s."credits" - rule.kept
FROM "credit_schedule" old
JOIN "payment" p ON p."user_id" = old."user_id" AND p."id" = old."id"
CROSS JOIN LATERAL (
  SELECT round(old."credits"::numeric * (p."amount_cents" - p."refunded_cents" - p."disputed_cents") / p."amount_cents")::bigint
) AS rule (kept)
WHERE p."refunded_cents" + p."disputed_cents" > 0
  AND (p."refunded_cents" + p."disputed_cents") * 100 < p."amount_cents" * 95
  AND s."user_id" = old."user_id" AND s."id" = old."id";--> statement-breakpoint
DROP FUNCTION IF EXISTS credits_share(bigint, bigint, bigint);
