DROP INDEX "stripe_event_body";--> statement-breakpoint
ALTER TABLE "stripe_event" ADD COLUMN "trimmed_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "stripe_event_whole" ON "stripe_event" USING btree ("received_at") WHERE trimmed_at is null and status in ('handled', 'ignored', 'closed');--> statement-breakpoint
CREATE INDEX "outbox_whole" ON "outbox" USING btree ("created_at") WHERE status in ('done', 'closed') and payload ?| array['to', 'props', 'facts'];--> statement-breakpoint
delete from nightly_work where name = 'old event bodies';
