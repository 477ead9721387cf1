CREATE TYPE "public"."distribution_stage" AS ENUM('expiry', 'grant');--> statement-breakpoint
CREATE TABLE "distribution_failure" (
	"user_id" text PRIMARY KEY NOT NULL,
	"run_id" uuid,
	"stage" "distribution_stage" NOT NULL,
	"error" text NOT NULL,
	"since_at" timestamp with time zone NOT NULL,
	"failed_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
DROP INDEX "credit_schedule_failing";--> statement-breakpoint
CREATE INDEX "distribution_failure_since" ON "distribution_failure" USING btree ("since_at","user_id");--> statement-breakpoint
INSERT INTO "distribution_failure" ("user_id", "run_id", "stage", "error", "since_at", "failed_at")
SELECT DISTINCT ON ("user_id") "user_id", "failed_run_id", 'grant', coalesce("last_error", ''), "failed_at", "failed_at"
FROM "credit_schedule" WHERE "failed_at" IS NOT NULL ORDER BY "user_id", "failed_at" DESC;--> statement-breakpoint
ALTER TABLE "credit_schedule" DROP COLUMN "failed_run_id";--> statement-breakpoint
ALTER TABLE "credit_schedule" DROP COLUMN "failed_at";--> statement-breakpoint
ALTER TABLE "credit_schedule" DROP COLUMN "last_error";--> statement-breakpoint
-- Functions whose arguments or answers are others now; those of today are installed after the migrations.
DROP FUNCTION IF EXISTS credits_distribute_batch(uuid, timestamptz, integer, interval, timestamptz, text);--> statement-breakpoint
DROP FUNCTION IF EXISTS credits_distribute_plain(uuid, timestamptz, integer, interval, timestamptz, text);--> statement-breakpoint
DROP FUNCTION IF EXISTS credits_lock_due(uuid, timestamptz, integer, timestamptz, text);--> statement-breakpoint
DROP FUNCTION IF EXISTS credits_distribute_user(credit_account, timestamptz, interval);--> statement-breakpoint
DROP FUNCTION IF EXISTS credits_expire_batch(uuid, timestamptz, integer, text[], timestamptz, text);--> statement-breakpoint
DROP FUNCTION IF EXISTS credits_expire_plain(timestamptz, integer, text[], timestamptz, text);--> statement-breakpoint
DROP FUNCTION IF EXISTS credits_lock_expired(timestamptz, integer, text[], timestamptz, text);--> statement-breakpoint
DROP FUNCTION IF EXISTS credits_distribution_preview(timestamptz);
