-- The admin searches for any part of an address or a name.
CREATE EXTENSION IF NOT EXISTS "pg_trgm";--> statement-breakpoint
CREATE TYPE "public"."stripe_event_status" AS ENUM('pending', 'handled', 'ignored', 'dead', 'closed');--> statement-breakpoint
CREATE TYPE "public"."run_status" AS ENUM('running', 'done', 'failed');--> statement-breakpoint
CREATE TYPE "public"."credit_hold_status" AS ENUM('open', 'captured', 'released', 'lapsed');--> statement-breakpoint
CREATE TYPE "public"."credit_operation" AS ENUM('grant', 'spend', 'capture', 'refund', 'revoke', 'restore', 'expire', 'adjust');--> statement-breakpoint
CREATE TYPE "public"."credit_schedule_kind" AS ENUM('free', 'yearly', 'lifetime');--> statement-breakpoint
CREATE TYPE "public"."credit_type" AS ENUM('REGISTER_GIFT', 'MONTHLY_REFRESH', 'SUBSCRIPTION_RENEWAL', 'LIFETIME_MONTHLY', 'TRIAL', 'PURCHASE_PACKAGE', 'DAILY_SIGNIN', 'ADMIN_ADJUST', 'USAGE', 'USAGE_REFUND', 'EXPIRE', 'REVOKE', 'RESTORE');--> statement-breakpoint
CREATE TYPE "public"."notification_kind" AS ENUM('purchase-received', 'payment-failed', 'credits-expiring', 'low-balance');--> statement-breakpoint
CREATE TYPE "public"."outbox_kind" AS ENUM('email', 'stripe', 'alert', 'webhook');--> statement-breakpoint
CREATE TYPE "public"."outbox_status" AS ENUM('pending', 'done', 'dead', 'closed');--> statement-breakpoint
CREATE TABLE "audit_log" (
	"id" uuid PRIMARY KEY NOT NULL,
	"actor_id" text NOT NULL,
	"action" text NOT NULL,
	"target_user_id" text,
	"reason" text,
	"before" jsonb,
	"after" jsonb,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "account" (
	"id" text PRIMARY KEY NOT NULL,
	"account_id" text NOT NULL,
	"provider_id" text NOT NULL,
	"user_id" text NOT NULL,
	"access_token" text,
	"refresh_token" text,
	"id_token" text,
	"access_token_expires_at" timestamp with time zone,
	"refresh_token_expires_at" timestamp with time zone,
	"scope" text,
	"password" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rate_limit" (
	"id" text PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"count" integer NOT NULL,
	"last_request" bigint NOT NULL,
	CONSTRAINT "rate_limit_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "session" (
	"id" text PRIMARY KEY NOT NULL,
	"token" text NOT NULL,
	"user_id" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ip_address" text,
	"user_agent" text,
	"impersonated_by" text,
	CONSTRAINT "session_token_unique" UNIQUE("token")
);
--> statement-breakpoint
CREATE TABLE "user" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"email" text NOT NULL,
	"email_verified" boolean DEFAULT false NOT NULL,
	"image" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"role" text DEFAULT 'user' NOT NULL,
	"banned" boolean DEFAULT false NOT NULL,
	"ban_reason" text,
	"ban_expires" timestamp with time zone,
	"locale" text DEFAULT 'en' NOT NULL,
	"time_zone" text DEFAULT 'UTC' NOT NULL,
	"stripe_customer_id" text,
	"deleted_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "verification" (
	"id" text PRIMARY KEY NOT NULL,
	"identifier" text NOT NULL,
	"value" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "bazi_profile" (
	"user_id" text PRIMARY KEY NOT NULL,
	"birth" jsonb,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "bazi_reading" (
	"user_id" text NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"birth" jsonb NOT NULL,
	"chart" jsonb NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "bazi_reading_user_id_id_pk" PRIMARY KEY("user_id","id")
);
--> statement-breakpoint
CREATE TABLE "checkout_session" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"item" text NOT NULL,
	"status" text NOT NULL,
	"url" text,
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "payment" (
	"user_id" text NOT NULL,
	"id" text NOT NULL,
	"item" text NOT NULL,
	"price_id" text NOT NULL,
	"quantity" integer DEFAULT 1 NOT NULL,
	"amount_cents" bigint NOT NULL,
	"currency" text NOT NULL,
	"credits" bigint NOT NULL,
	"refunded_cents" bigint DEFAULT 0 NOT NULL,
	"judged_reversals" text[] DEFAULT '{}'::text[] NOT NULL,
	"reversals_asked_at" timestamp with time zone,
	"payment_intent_id" text,
	"subscription_id" text,
	"receipt_url" text,
	"member_from_at" timestamp with time zone,
	"member_until_at" timestamp with time zone,
	"paid_at" timestamp with time zone NOT NULL,
	CONSTRAINT "payment_user_id_id_pk" PRIMARY KEY("user_id","id"),
	CONSTRAINT "payment_amount" CHECK (amount_cents >= 0 and credits >= 0 and quantity > 0),
	CONSTRAINT "payment_refund" CHECK (refunded_cents between 0 and amount_cents)
);
--> statement-breakpoint
CREATE TABLE "stripe_event" (
	"id" text PRIMARY KEY NOT NULL,
	"type" text NOT NULL,
	"api_version" text,
	"livemode" boolean NOT NULL,
	"payload" jsonb NOT NULL,
	"object_id" text,
	"user_id" text,
	"status" "stripe_event_status" DEFAULT 'pending' NOT NULL,
	"outcome" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"created_at" timestamp with time zone NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"first_attempt_at" timestamp with time zone,
	"next_attempt_at" timestamp with time zone,
	"handled_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "subscription" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"customer_id" text NOT NULL,
	"price_id" text NOT NULL,
	"plan" text,
	"status" text NOT NULL,
	"current_period_start_at" timestamp with time zone,
	"current_period_end_at" timestamp with time zone,
	"cancel_at" timestamp with time zone,
	"cancel_at_period_end" boolean DEFAULT false NOT NULL,
	"canceled_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"trial_end_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"fetched_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "daily_sign_in" (
	"user_id" text NOT NULL,
	"day" date NOT NULL,
	"streak" integer NOT NULL,
	"credits" bigint NOT NULL,
	"signed_in_at" timestamp with time zone NOT NULL,
	CONSTRAINT "daily_sign_in_user_id_day_pk" PRIMARY KEY("user_id","day"),
	CONSTRAINT "daily_sign_in_streak" CHECK (streak > 0),
	CONSTRAINT "daily_sign_in_credits" CHECK (credits > 0)
);
--> statement-breakpoint
CREATE TABLE "clock_offset" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"offset_ms" bigint NOT NULL,
	CONSTRAINT "clock_offset_one_row" CHECK (id = 1)
);
--> statement-breakpoint
CREATE TABLE "distribution_run" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"status" "run_status" DEFAULT 'running' NOT NULL,
	"as_of" timestamp with time zone NOT NULL,
	"users_count" integer DEFAULT 0 NOT NULL,
	"processed_count" integer DEFAULT 0 NOT NULL,
	"error_count" integer DEFAULT 0 NOT NULL,
	"expired_count" integer DEFAULT 0 NOT NULL,
	"granted_credits" bigint DEFAULT 0 NOT NULL,
	"expired_credits" bigint DEFAULT 0 NOT NULL,
	"last_error" text,
	"started_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	"alerted_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "reconciliation" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	"users_checked" integer DEFAULT 0 NOT NULL,
	"drifted_users" text[] DEFAULT '{}' NOT NULL
);
--> statement-breakpoint
CREATE TABLE "credit_account" (
	"user_id" text PRIMARY KEY NOT NULL,
	"balance" bigint DEFAULT 0 NOT NULL,
	"held" bigint DEFAULT 0 NOT NULL,
	"debt" bigint DEFAULT 0 NOT NULL,
	"version" bigint DEFAULT 0 NOT NULL,
	"as_of" timestamp with time zone NOT NULL,
	"opened_at" timestamp with time zone,
	"frozen_at" timestamp with time zone,
	"frozen_reason" text,
	CONSTRAINT "credit_account_held" CHECK (held >= 0),
	CONSTRAINT "credit_account_debt" CHECK (debt >= 0),
	CONSTRAINT "credit_account_not_overdrawn" CHECK (balance + debt >= 0),
	CONSTRAINT "credit_account_debt_means_empty" CHECK (debt = 0 or balance = -debt)
);
--> statement-breakpoint
CREATE TABLE "credit_allocation" (
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "credit_allocation_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"user_id" text NOT NULL,
	"lot_seq" bigint NOT NULL,
	"amount" bigint NOT NULL,
	"transaction_seq" bigint,
	"hold_key" text,
	"from_at" timestamp with time zone NOT NULL,
	"to_at" timestamp with time zone NOT NULL,
	CONSTRAINT "credit_allocation_user_id_id_pk" PRIMARY KEY("user_id","id"),
	CONSTRAINT "credit_allocation_amount" CHECK (amount <> 0),
	CONSTRAINT "credit_allocation_owner" CHECK ((transaction_seq is null) <> (hold_key is null))
);
--> statement-breakpoint
CREATE TABLE "credit_hold" (
	"user_id" text NOT NULL,
	"key" text NOT NULL,
	"amount" bigint NOT NULL,
	"captured" bigint DEFAULT 0 NOT NULL,
	"source" text NOT NULL,
	"status" "credit_hold_status" DEFAULT 'open' NOT NULL,
	"release_key" text,
	"capture_seq" bigint,
	"held_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"closed_at" timestamp with time zone,
	CONSTRAINT "credit_hold_user_id_key_pk" PRIMARY KEY("user_id","key"),
	CONSTRAINT "credit_hold_amount" CHECK (amount > 0 and captured between 0 and amount),
	CONSTRAINT "credit_hold_order" CHECK (expires_at > held_at)
);
--> statement-breakpoint
CREATE TABLE "credit_lot" (
	"user_id" text NOT NULL,
	"seq" bigint NOT NULL,
	"type" "credit_type" NOT NULL,
	"source" text NOT NULL,
	"amount" bigint NOT NULL,
	"remaining" bigint NOT NULL,
	"priority" integer DEFAULT 0 NOT NULL,
	"paid" boolean NOT NULL,
	"granted_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone,
	"is_open" boolean GENERATED ALWAYS AS (remaining > 0) STORED NOT NULL,
	CONSTRAINT "credit_lot_user_id_seq_pk" PRIMARY KEY("user_id","seq"),
	CONSTRAINT "credit_lot_remaining" CHECK (remaining between 0 and amount),
	CONSTRAINT "credit_lot_amount" CHECK (amount > 0)
);
--> statement-breakpoint
CREATE TABLE "credit_schedule" (
	"user_id" text NOT NULL,
	"id" text NOT NULL,
	"kind" "credit_schedule_kind" NOT NULL,
	"credits" bigint NOT NULL,
	"subscription_id" text,
	"anchor_at" timestamp with time zone NOT NULL,
	"next_n" integer NOT NULL,
	"next_due_at" timestamp with time zone,
	"ends_at" timestamp with time zone,
	"suspended_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"failed_run_id" uuid,
	"failed_at" timestamp with time zone,
	"last_error" text,
	CONSTRAINT "credit_schedule_user_id_id_pk" PRIMARY KEY("user_id","id"),
	CONSTRAINT "credit_schedule_credits" CHECK (credits > 0),
	CONSTRAINT "credit_schedule_next" CHECK (next_n >= 0)
);
--> statement-breakpoint
CREATE TABLE "credit_settlement" (
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "credit_settlement_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"user_id" text NOT NULL,
	"lot_seq" bigint,
	"revoke_seq" bigint NOT NULL,
	"amount" bigint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "credit_settlement_user_id_id_pk" PRIMARY KEY("user_id","id"),
	CONSTRAINT "credit_settlement_amount" CHECK (amount > 0)
);
--> statement-breakpoint
CREATE TABLE "credit_transaction" (
	"user_id" text NOT NULL,
	"seq" bigint NOT NULL,
	"type" "credit_type" NOT NULL,
	"operation" "credit_operation" NOT NULL,
	"amount" bigint NOT NULL,
	"balance_after" bigint NOT NULL,
	"idempotency_key" text NOT NULL,
	"source" text NOT NULL,
	"lot_seq" bigint,
	"related_seq" bigint,
	"requested" bigint,
	"debt_made" bigint,
	"booked_at" timestamp with time zone NOT NULL,
	"effective_at" timestamp with time zone NOT NULL,
	CONSTRAINT "credit_transaction_user_id_seq_pk" PRIMARY KEY("user_id","seq"),
	CONSTRAINT "credit_transaction_not_zero" CHECK (amount <> 0)
);
--> statement-breakpoint
CREATE TABLE "expiry_reminder" (
	"user_id" text NOT NULL,
	"lot_seq" bigint NOT NULL,
	"reminded_at" timestamp with time zone NOT NULL,
	CONSTRAINT "expiry_reminder_user_id_lot_seq_pk" PRIMARY KEY("user_id","lot_seq")
);
--> statement-breakpoint
CREATE TABLE "notification" (
	"user_id" text NOT NULL,
	"id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"kind" "notification_kind" NOT NULL,
	"key" text NOT NULL,
	"facts" jsonb NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"read_at" timestamp with time zone,
	CONSTRAINT "notification_user_id_id_pk" PRIMARY KEY("user_id","id")
);
--> statement-breakpoint
CREATE TABLE "notification_preference" (
	"user_id" text PRIMARY KEY NOT NULL,
	"expiring_by_email" boolean DEFAULT true NOT NULL,
	"expiring_in_app" boolean DEFAULT true NOT NULL,
	"low_balance_by_email" boolean DEFAULT true NOT NULL,
	"low_balance_in_app" boolean DEFAULT true NOT NULL,
	"updated_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "reminder_progress" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"reached_at" timestamp with time zone NOT NULL,
	"full_walk_at" timestamp with time zone NOT NULL,
	CONSTRAINT "reminder_progress_one_row" CHECK (id = 1)
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"kind" "outbox_kind" NOT NULL,
	"idempotency_key" text NOT NULL,
	"user_id" text,
	"payload" jsonb NOT NULL,
	"status" "outbox_status" DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"created_at" timestamp with time zone NOT NULL,
	"next_attempt_at" timestamp with time zone NOT NULL,
	"done_at" timestamp with time zone,
	CONSTRAINT "outbox_idempotencyKey_unique" UNIQUE("idempotency_key")
);
--> statement-breakpoint
ALTER TABLE "account" ADD CONSTRAINT "account_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session" ADD CONSTRAINT "session_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."user"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_log_recent" ON "audit_log" USING btree ("created_at" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE INDEX "audit_log_actor" ON "audit_log" USING btree ("actor_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "audit_log_target" ON "audit_log" USING btree ("target_user_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "account_user" ON "account" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "session_user" ON "session" USING btree ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "user_email_unique" ON "user" USING btree ("email");--> statement-breakpoint
CREATE UNIQUE INDEX "user_stripe_customer_unique" ON "user" USING btree ("stripe_customer_id");--> statement-breakpoint
CREATE INDEX "user_created_at" ON "user" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "user_admins" ON "user" USING btree ("created_at","id") WHERE role = 'admin';--> statement-breakpoint
CREATE INDEX "user_banned" ON "user" USING btree ("created_at","id") WHERE banned;--> statement-breakpoint
CREATE INDEX "user_deleted" ON "user" USING btree ("created_at","id") WHERE deleted_at is not null;--> statement-breakpoint
CREATE INDEX "user_search" ON "user" USING gin ("email" gin_trgm_ops,"name" gin_trgm_ops);--> statement-breakpoint
CREATE INDEX "verification_identifier" ON "verification" USING btree ("identifier");--> statement-breakpoint
CREATE INDEX "bazi_reading_recent" ON "bazi_reading" USING btree ("user_id","created_at" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE INDEX "checkout_session_user" ON "checkout_session" USING btree ("user_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE UNIQUE INDEX "payment_id_unique" ON "payment" USING btree ("id");--> statement-breakpoint
CREATE INDEX "payment_recent" ON "payment" USING btree ("user_id","paid_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "payment_paid_at" ON "payment" USING btree ("paid_at" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE INDEX "payment_intent" ON "payment" USING btree ("payment_intent_id");--> statement-breakpoint
CREATE INDEX "payment_subscription" ON "payment" USING btree ("subscription_id");--> statement-breakpoint
CREATE INDEX "payment_member" ON "payment" USING btree ("user_id","member_until_at") WHERE member_until_at is not null;--> statement-breakpoint
CREATE INDEX "stripe_event_recent" ON "stripe_event" USING btree ("received_at" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE INDEX "stripe_event_due" ON "stripe_event" USING btree ("next_attempt_at") WHERE status = 'pending';--> statement-breakpoint
CREATE INDEX "stripe_event_dead" ON "stripe_event" USING btree ("received_at" DESC NULLS LAST) WHERE status = 'dead';--> statement-breakpoint
CREATE INDEX "stripe_event_type" ON "stripe_event" USING btree ("type","received_at" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE INDEX "stripe_event_object" ON "stripe_event" USING btree ("object_id");--> statement-breakpoint
CREATE INDEX "stripe_event_user" ON "stripe_event" USING btree ("user_id","received_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "subscription_user" ON "subscription" USING btree ("user_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "distribution_run_recent" ON "distribution_run" USING btree ("started_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "reconciliation_recent" ON "reconciliation" USING btree ("started_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "credit_account_frozen" ON "credit_account" USING btree ("user_id") WHERE frozen_at is not null;--> statement-breakpoint
CREATE INDEX "credit_allocation_transaction" ON "credit_allocation" USING btree ("user_id","transaction_seq") WHERE transaction_seq is not null;--> statement-breakpoint
CREATE INDEX "credit_allocation_hold" ON "credit_allocation" USING btree ("user_id","hold_key") WHERE hold_key is not null;--> statement-breakpoint
CREATE INDEX "credit_allocation_lot" ON "credit_allocation" USING btree ("user_id","lot_seq");--> statement-breakpoint
CREATE UNIQUE INDEX "credit_hold_release_key" ON "credit_hold" USING btree ("user_id","release_key") WHERE release_key is not null;--> statement-breakpoint
CREATE INDEX "credit_hold_open" ON "credit_hold" USING btree ("expires_at","user_id") WHERE status = 'open';--> statement-breakpoint
CREATE INDEX "credit_hold_open_of_user" ON "credit_hold" USING btree ("user_id","expires_at") WHERE status = 'open';--> statement-breakpoint
CREATE INDEX "credit_lot_burn_order" ON "credit_lot" USING btree ("user_id","priority","expires_at","paid","granted_at","seq") WHERE is_open;--> statement-breakpoint
CREATE INDEX "credit_lot_expiry" ON "credit_lot" USING btree ("expires_at","user_id") WHERE is_open and expires_at is not null;--> statement-breakpoint
CREATE INDEX "credit_schedule_due" ON "credit_schedule" USING btree ("next_due_at","user_id") WHERE next_due_at is not null;--> statement-breakpoint
CREATE INDEX "credit_schedule_subscription" ON "credit_schedule" USING btree ("subscription_id") WHERE subscription_id is not null;--> statement-breakpoint
CREATE INDEX "credit_settlement_revoke" ON "credit_settlement" USING btree ("user_id","revoke_seq");--> statement-breakpoint
CREATE UNIQUE INDEX "credit_transaction_key" ON "credit_transaction" USING btree ("user_id","idempotency_key");--> statement-breakpoint
CREATE INDEX "credit_transaction_related" ON "credit_transaction" USING btree ("user_id","related_seq") WHERE related_seq is not null;--> statement-breakpoint
CREATE INDEX "credit_transaction_revoke" ON "credit_transaction" USING btree ("user_id","seq") WHERE type = 'REVOKE';--> statement-breakpoint
CREATE INDEX "credit_transaction_effective" ON "credit_transaction" USING brin ("effective_at");--> statement-breakpoint
CREATE UNIQUE INDEX "notification_key" ON "notification" USING btree ("user_id","key");--> statement-breakpoint
CREATE INDEX "notification_recent" ON "notification" USING btree ("user_id","created_at" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE INDEX "notification_unread" ON "notification" USING btree ("user_id") WHERE read_at is null;--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox" USING btree ("next_attempt_at") WHERE status = 'pending';--> statement-breakpoint
CREATE INDEX "outbox_dead" ON "outbox" USING btree ("created_at" DESC NULLS LAST,"id") WHERE status = 'dead';--> statement-breakpoint
CREATE INDEX "outbox_user" ON "outbox" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "outbox_recent" ON "outbox" USING btree ("created_at" DESC NULLS LAST,"id");