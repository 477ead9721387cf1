CREATE TABLE "member_month" (
	"month" date PRIMARY KEY NOT NULL,
	"members" integer NOT NULL,
	"new_members" integer NOT NULL,
	"counted_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "outstanding_count_type" (
	"count_id" uuid NOT NULL,
	"type" "credit_type" NOT NULL,
	"available" bigint NOT NULL,
	CONSTRAINT "outstanding_count_type_count_id_type_pk" PRIMARY KEY("count_id","type")
);
--> statement-breakpoint
CREATE TABLE "credit_day_total" (
	"day" date NOT NULL,
	"type" "credit_type" NOT NULL,
	"transactions" bigint NOT NULL,
	"credits_in" bigint NOT NULL,
	"credits_out" bigint NOT NULL,
	CONSTRAINT "credit_day_total_day_type_pk" PRIMARY KEY("day","type")
);
--> statement-breakpoint
CREATE TABLE "credit_roll_up" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"rolled_to" timestamp with time zone DEFAULT '-infinity' NOT NULL,
	"next_to" timestamp with time zone,
	"next_xid" bigint,
	CONSTRAINT "credit_roll_up_one_row" CHECK (id = 1),
	CONSTRAINT "credit_roll_up_next" CHECK ((next_to is null) = (next_xid is null))
);
--> statement-breakpoint
ALTER TABLE "payment" DROP CONSTRAINT "payment_refund";--> statement-breakpoint
DROP INDEX "credit_transaction_effective";--> statement-breakpoint
DROP INDEX "payment_paid_at";--> statement-breakpoint
DROP INDEX "stripe_event_dead";--> statement-breakpoint
ALTER TABLE "payment" ADD COLUMN "disputed_cents" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "outstanding_count_type" ADD CONSTRAINT "outstanding_count_type_count_id_outstanding_count_id_fk" FOREIGN KEY ("count_id") REFERENCES "public"."outstanding_count"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "user_email_start" ON "user" USING btree (lower(email) text_pattern_ops);--> statement-breakpoint
CREATE INDEX "user_name_start" ON "user" USING btree (lower(name) text_pattern_ops);--> statement-breakpoint
CREATE INDEX "user_name_characters" ON "user" USING gin (string_to_array(name, null));--> statement-breakpoint
CREATE INDEX "payment_members" ON "payment" USING btree ("member_until_at","member_from_at","user_id") WHERE member_until_at is not null;--> statement-breakpoint
CREATE INDEX "stripe_event_ignored" ON "stripe_event" USING btree ("received_at" DESC NULLS LAST,"id") WHERE status = 'ignored';--> statement-breakpoint
CREATE INDEX "credit_transaction_booked" ON "credit_transaction" USING brin ("booked_at") WITH (pages_per_range=32,autosummarize=true);--> statement-breakpoint
CREATE INDEX "outbox_pending" ON "outbox" USING btree ("created_at" DESC NULLS LAST,"id","kind") WHERE status = 'pending';--> statement-breakpoint
CREATE INDEX "outbox_no_email" ON "outbox" USING btree ("created_at" DESC NULLS LAST,"id") WHERE kind <> 'email';--> statement-breakpoint
CREATE INDEX "payment_paid_at" ON "payment" USING btree ("paid_at" DESC NULLS LAST,"id","item","currency","amount_cents","refunded_cents","disputed_cents");--> statement-breakpoint
CREATE INDEX "stripe_event_dead" ON "stripe_event" USING btree ("received_at" DESC NULLS LAST,"id") WHERE status = 'dead';--> statement-breakpoint
ALTER TABLE "payment" ADD CONSTRAINT "payment_refund" CHECK (refunded_cents >= 0 and disputed_cents >= 0 and refunded_cents + disputed_cents <= amount_cents);