CREATE TYPE "public"."credit_overrun" AS ENUM('refuse', 'cap', 'charge');--> statement-breakpoint
CREATE TYPE "public"."unbilled_reason" AS ENUM('overrun_policy', 'spend_limit', 'balance', 'debt_limit', 'account_frozen');--> statement-breakpoint
CREATE TABLE "credit_unbilled" (
	"user_id" text NOT NULL,
	"key" text NOT NULL,
	"hold_key" text NOT NULL,
	"service_id" text,
	"feature" text,
	"usage" jsonb,
	"overrun" "credit_overrun" NOT NULL,
	"requested" bigint NOT NULL,
	"amount" bigint NOT NULL,
	"reason" "unbilled_reason" NOT NULL,
	"capture_seq" bigint,
	"balance_after" bigint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	CONSTRAINT "credit_unbilled_user_id_key_pk" PRIMARY KEY("user_id","key"),
	CONSTRAINT "credit_unbilled_amount" CHECK (amount between 1 and requested)
);
--> statement-breakpoint
ALTER TABLE "credit_hold" DROP CONSTRAINT "credit_hold_amount";--> statement-breakpoint
ALTER TABLE "credit_hold" ADD COLUMN "usage" jsonb;--> statement-breakpoint
ALTER TABLE "credit_hold" ADD COLUMN "rate" jsonb;--> statement-breakpoint
ALTER TABLE "credit_hold" ADD COLUMN "overrun" "credit_overrun";--> statement-breakpoint
ALTER TABLE "credit_hold" ADD COLUMN "debt_limit" bigint;--> statement-breakpoint
ALTER TABLE "credit_hold_extension" ADD COLUMN "usage" jsonb;--> statement-breakpoint
ALTER TABLE "credit_transaction" ADD COLUMN "usage" jsonb;--> statement-breakpoint
CREATE INDEX "credit_unbilled_recent" ON "credit_unbilled" USING btree ("at");--> statement-breakpoint
CREATE INDEX "credit_transaction_debt" ON "credit_transaction" USING btree ("user_id","seq") WHERE debt_made > 0;--> statement-breakpoint
ALTER TABLE "credit_hold" ADD CONSTRAINT "credit_hold_overrun" CHECK (overrun is not null or captured <= amount);--> statement-breakpoint
ALTER TABLE "credit_hold" ADD CONSTRAINT "credit_hold_debt_limit" CHECK (debt_limit >= 0);--> statement-breakpoint
ALTER TABLE "credit_hold" ADD CONSTRAINT "credit_hold_amount" CHECK (amount > 0 and captured >= 0);--> statement-breakpoint
CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "credit_unbilled"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_rewriting_history"();
