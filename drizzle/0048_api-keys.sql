CREATE TYPE "public"."spend_window" AS ENUM('day', 'month', 'total');--> statement-breakpoint
CREATE TABLE "api_service" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text,
	"name" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "apikey" (
	"id" text PRIMARY KEY NOT NULL,
	"config_id" text NOT NULL,
	"name" text,
	"start" text,
	"reference_id" text NOT NULL,
	"prefix" text,
	"key" text NOT NULL,
	"refill_interval" integer,
	"refill_amount" integer,
	"last_refill_at" timestamp with time zone,
	"enabled" boolean DEFAULT true NOT NULL,
	"rate_limit_enabled" boolean DEFAULT false NOT NULL,
	"rate_limit_time_window" integer,
	"rate_limit_max" integer,
	"request_count" integer DEFAULT 0 NOT NULL,
	"remaining" integer,
	"last_request" timestamp with time zone,
	"expires_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"permissions" text,
	"metadata" text
);
--> statement-breakpoint
CREATE TABLE "spend_count" (
	"limit_id" uuid NOT NULL,
	"starts_at" timestamp with time zone NOT NULL,
	"used" bigint NOT NULL,
	CONSTRAINT "spend_count_limit_id_starts_at_pk" PRIMARY KEY("limit_id","starts_at"),
	CONSTRAINT "spend_count_used" CHECK (used >= 0)
);
--> statement-breakpoint
CREATE TABLE "spend_limit" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" text,
	"service_id" text,
	"window" "spend_window" NOT NULL,
	"amount" bigint NOT NULL,
	"is_hard" boolean NOT NULL,
	CONSTRAINT "spend_limit_window" UNIQUE NULLS NOT DISTINCT("user_id","service_id","window"),
	CONSTRAINT "spend_limit_subject" CHECK (num_nonnulls(user_id, service_id) > 0),
	CONSTRAINT "spend_limit_amount" CHECK (amount >= 0)
);
--> statement-breakpoint
ALTER TABLE "credit_hold" ADD COLUMN "service_id" text;--> statement-breakpoint
ALTER TABLE "credit_hold" ADD COLUMN "feature" text;--> statement-breakpoint
ALTER TABLE "credit_transaction" ADD COLUMN "service_id" text;--> statement-breakpoint
ALTER TABLE "credit_transaction" ADD COLUMN "feature" text;--> statement-breakpoint
ALTER TABLE "credit_transaction" ADD COLUMN "counted_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "api_service" ADD CONSTRAINT "api_service_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "api_service_user" ON "api_service" USING btree ("user_id","created_at") WHERE user_id is not null;--> statement-breakpoint
CREATE INDEX "api_service_site" ON "api_service" USING btree ("created_at") WHERE user_id is null;--> statement-breakpoint
CREATE UNIQUE INDEX "apikey_key" ON "apikey" USING btree ("key");--> statement-breakpoint
CREATE INDEX "apikey_reference" ON "apikey" USING btree ("reference_id");--> statement-breakpoint
CREATE INDEX "spend_limit_service" ON "spend_limit" USING btree ("service_id") WHERE service_id is not null;--> statement-breakpoint
CREATE INDEX "credit_hold_service" ON "credit_hold" USING btree ("service_id","held_at") WHERE service_id is not null and status = 'open';--> statement-breakpoint
CREATE INDEX "credit_transaction_service" ON "credit_transaction" USING btree ("service_id",(coalesce(counted_at, booked_at))) WHERE service_id is not null;--> statement-breakpoint
-- Their arguments have changed.
DROP FUNCTION IF EXISTS credits_spend(text, text, bigint, text, timestamptz);--> statement-breakpoint
DROP FUNCTION IF EXISTS credits_debit(text, text, bigint, credit_type, credit_operation, text, boolean, timestamptz);--> statement-breakpoint
DROP FUNCTION IF EXISTS credits_hold(text, text, bigint, text, timestamptz, timestamptz);--> statement-breakpoint
DROP FUNCTION IF EXISTS credits_replay(text, text, credit_operation, bigint, text, bigint);--> statement-breakpoint
DROP FUNCTION IF EXISTS credits_write_transaction(credit_account, credit_type, credit_operation, bigint, text, text, timestamptz, bigint, bigint, bigint, bigint, text);--> statement-breakpoint
DROP FUNCTION IF EXISTS credits_catch_up(credit_account);
