CREATE TYPE "public"."credit_signal_kind" AS ENUM('balance-low', 'balance-depleted', 'limit-reached', 'hold-lapsed');--> statement-breakpoint
CREATE TABLE "credit_signal" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" text NOT NULL,
	"kind" "credit_signal_kind" NOT NULL,
	"facts" jsonb NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "low_balance_default" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"credits" bigint NOT NULL,
	CONSTRAINT "low_balance_default_one_row" CHECK (id = 1),
	CONSTRAINT "low_balance_default_credits" CHECK (credits > 0)
);
--> statement-breakpoint
ALTER TABLE "credit_account" ADD COLUMN "low_balance" bigint;--> statement-breakpoint
CREATE INDEX "credit_signal_queue" ON "credit_signal" USING btree ("at","id");--> statement-breakpoint
ALTER TABLE "credit_account" ADD CONSTRAINT "credit_account_low_balance" CHECK (low_balance > 0);--> statement-breakpoint
INSERT INTO "low_balance_default" ("credits") VALUES (30);--> statement-breakpoint
UPDATE "credit_account" a SET "low_balance" = p."low_balance_threshold"
FROM "notification_preference" p
WHERE p."user_id" = a."user_id" AND p."low_balance_threshold" > 0;--> statement-breakpoint
-- Only their declarations: src/ledger/sql/signals.sql has the functions.
CREATE FUNCTION "default_low_balance"() RETURNS bigint LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN NULL; END $$;--> statement-breakpoint
CREATE FUNCTION "note_balance_crossing"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;--> statement-breakpoint
CREATE FUNCTION "note_lapsed_hold"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;--> statement-breakpoint
-- In the order in which writes lock the tables.
CREATE TRIGGER "note_lapsed_hold" AFTER UPDATE OF status ON "credit_hold" FOR EACH ROW
WHEN (new.status = 'lapsed' AND old.status <> 'lapsed')
EXECUTE FUNCTION "note_lapsed_hold"();--> statement-breakpoint
CREATE TRIGGER "note_balance_crossing" AFTER UPDATE OF balance ON "credit_account" FOR EACH ROW
WHEN (
  new.balance < old.balance AND (
    new.balance < 1 AND old.balance >= 1
    OR coalesce(new.low_balance, "default_low_balance"()) BETWEEN new.balance + 1 AND old.balance
  )
)
EXECUTE FUNCTION "note_balance_crossing"();
