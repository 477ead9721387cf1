ALTER TYPE "public"."notification_kind" ADD VALUE 'renewal';--> statement-breakpoint
CREATE TABLE "supply_consent" (
	"session_id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"item" text NOT NULL,
	"kind" text NOT NULL,
	"version" integer NOT NULL,
	"locale" text NOT NULL,
	"text" text NOT NULL,
	"consented_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "withdrawal" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" text,
	"contract_id" text,
	"name" text NOT NULL,
	"email" text NOT NULL,
	"purchase" text NOT NULL,
	"locale" text NOT NULL,
	"submitted_at" timestamp with time zone NOT NULL,
	"status" text DEFAULT 'open' NOT NULL,
	"closed_at" timestamp with time zone,
	CONSTRAINT "withdrawal_status" CHECK (status in ('open', 'refunded', 'closed')),
	CONSTRAINT "withdrawal_closed" CHECK ((status = 'open') = (closed_at is null)),
	CONSTRAINT "withdrawal_contract_user" CHECK (contract_id is null or user_id is not null)
);
--> statement-breakpoint
CREATE INDEX "supply_consent_user" ON "supply_consent" USING btree ("user_id","consented_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "withdrawal_user" ON "withdrawal" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "withdrawal_email" ON "withdrawal" USING btree (lower("email"));--> statement-breakpoint
CREATE INDEX "withdrawal_recent" ON "withdrawal" USING btree ("submitted_at" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE INDEX "withdrawal_open" ON "withdrawal" USING btree ("submitted_at") WHERE status = 'open';--> statement-breakpoint
CREATE UNIQUE INDEX "withdrawal_contract" ON "withdrawal" USING btree ("contract_id") WHERE status <> 'closed';--> statement-breakpoint
CREATE INDEX "subscription_renewal" ON "subscription" USING btree ("current_period_end_at") WHERE status = 'active';