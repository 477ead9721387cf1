ALTER TABLE "payment" DROP CONSTRAINT "payment_amount";--> statement-breakpoint
ALTER TABLE "payment" ADD COLUMN "upgrade_credits" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "payment" ADD COLUMN "switched_from_price_id" text;--> statement-breakpoint
ALTER TABLE "payment" ADD COLUMN "switched_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "subscription" ADD COLUMN "scheduled_item" text;--> statement-breakpoint
ALTER TABLE "subscription" ADD COLUMN "scheduled_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "payment" ADD CONSTRAINT "payment_amount" CHECK (amount_cents >= 0 and credits >= upgrade_credits and upgrade_credits >= 0 and quantity > 0);