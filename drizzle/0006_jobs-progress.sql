ALTER TYPE "public"."stripe_event_status" ADD VALUE IF NOT EXISTS 'closed';--> statement-breakpoint
ALTER TYPE "public"."outbox_kind" ADD VALUE IF NOT EXISTS 'alert';--> statement-breakpoint
ALTER TYPE "public"."outbox_status" ADD VALUE IF NOT EXISTS 'closed';--> statement-breakpoint
CREATE TABLE "nightly_work" (
	"name" text PRIMARY KEY NOT NULL,
	"claimed_until" timestamp with time zone,
	"done_at" timestamp with time zone
);
--> statement-breakpoint
DROP INDEX "outbox_due";--> statement-breakpoint
ALTER TABLE "reconciliation" ADD COLUMN "updated_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "reconciliation" ADD COLUMN "reached_user" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "reconciliation" ADD COLUMN "alerted_count" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "credit_schedule_failing" ON "credit_schedule" USING btree ("failed_at") WHERE failed_at is not null;--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox" USING btree ("kind","next_attempt_at") WHERE status = 'pending';