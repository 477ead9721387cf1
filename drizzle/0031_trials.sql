ALTER TYPE "public"."credit_type" ADD VALUE IF NOT EXISTS 'TRIAL' BEFORE 'PURCHASE_PACKAGE';--> statement-breakpoint
CREATE TABLE "trial" (
	"user_id" text PRIMARY KEY NOT NULL,
	"customer_id" text NOT NULL,
	"subscription_id" text NOT NULL,
	"item" text NOT NULL,
	"price_id" text NOT NULL,
	"credits" bigint NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	"first_charge_cents" bigint,
	"currency" text NOT NULL,
	CONSTRAINT "trial_credits" CHECK (credits >= 0 and first_charge_cents >= 0)
);
--> statement-breakpoint
CREATE UNIQUE INDEX "trial_customer" ON "trial" USING btree ("customer_id");--> statement-breakpoint
CREATE UNIQUE INDEX "trial_subscription" ON "trial" USING btree ("subscription_id");--> statement-breakpoint
-- A trial's lot ends with its trial, which may end early or be extended. Every other lot keeps its expiry.
DROP TRIGGER "facts_stay" ON "credit_lot";--> statement-breakpoint
CREATE TRIGGER "facts_stay"
  BEFORE UPDATE OF user_id, seq, type, source, amount, priority, paid, granted_at, period_number ON "credit_lot"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_changing_facts"();--> statement-breakpoint
-- As text, because the new value cannot be used in the transaction that adds it.
CREATE TRIGGER "expiry_stays" BEFORE UPDATE OF expires_at ON "credit_lot" FOR EACH ROW
  WHEN (OLD.type::text <> 'TRIAL' OR NEW.expires_at IS NULL)
  EXECUTE FUNCTION "refuse_changing_facts"();
