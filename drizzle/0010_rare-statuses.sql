DROP INDEX "stripe_event_ignored";--> statement-breakpoint
DROP INDEX "outbox_dead";--> statement-breakpoint
CREATE INDEX "stripe_event_set_aside" ON "stripe_event" USING btree ("received_at" DESC NULLS LAST,"id") WHERE status not in ('pending', 'handled', 'dead');--> statement-breakpoint
CREATE INDEX "outbox_given_up" ON "outbox" USING btree ("created_at" DESC NULLS LAST,"id") WHERE status not in ('pending', 'done');