CREATE TABLE "stripe_backfill" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"complete_until_at" timestamp with time zone NOT NULL,
	CONSTRAINT "stripe_backfill_one_row" CHECK (id = 1)
);
--> statement-breakpoint
ALTER TABLE "stripe_event" ADD COLUMN "raw_body" "bytea";--> statement-breakpoint
CREATE INDEX "stripe_event_body" ON "stripe_event" USING btree ("received_at") WHERE raw_body is not null and status in ('handled', 'ignored', 'closed');--> statement-breakpoint
-- No earlier backfill recorded until when the events are complete, so the next tick looks back 30 days.
update "nightly_work" set "done_at" = null where "name" = 'event backfill';
