ALTER TABLE "subscription" ADD COLUMN "currency" text;--> statement-breakpoint
-- Every invoice of a subscription has its currency.
UPDATE "subscription" s
SET "currency" = (
  SELECT p."currency" FROM "payment" p WHERE p."subscription_id" = s."id"
  ORDER BY p."paid_at" DESC LIMIT 1
);
