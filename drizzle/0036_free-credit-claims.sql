CREATE TYPE "public"."free_credits_reason" AS ENUM('returning', 'network', 'disposable', 'debt');--> statement-breakpoint
CREATE TABLE "free_credit_claim" (
	"user_id" text PRIMARY KEY NOT NULL,
	"person_hash" text NOT NULL,
	"network_hash" text,
	"day" date NOT NULL,
	"claimed_at" timestamp with time zone NOT NULL,
	"reason" "free_credits_reason",
	"gift_at" timestamp with time zone,
	"months_from_at" timestamp with time zone,
	"verified" boolean NOT NULL,
	"released_at" timestamp with time zone,
	"released_by" text,
	"last_sign_in_day" date,
	"deleted_at" timestamp with time zone,
	CONSTRAINT "free_credit_claim_reason" CHECK (reason is not null or (gift_at is not null and months_from_at is not null))
);
--> statement-breakpoint
CREATE INDEX "free_credit_claim_person" ON "free_credit_claim" USING btree ("person_hash");--> statement-breakpoint
CREATE INDEX "free_credit_claim_network" ON "free_credit_claim" USING btree ("day" DESC NULLS LAST,"network_hash");--> statement-breakpoint
CREATE INDEX "free_credit_claim_withheld" ON "free_credit_claim" USING btree ("claimed_at" DESC NULLS LAST,"user_id") WHERE reason is not null;--> statement-breakpoint
CREATE INDEX "free_credit_claim_deleted" ON "free_credit_claim" USING btree ("deleted_at") WHERE deleted_at is not null;