DROP INDEX "distribution_run_recent";--> statement-breakpoint
CREATE INDEX "stripe_event_waiting" ON "stripe_event" USING btree (coalesce(first_attempt_at, next_attempt_at)) WHERE status = 'pending';--> statement-breakpoint
CREATE INDEX "distribution_run_recent" ON "distribution_run" USING btree ("started_at" DESC NULLS LAST,"id");