DROP INDEX "credit_schedule_subscription";--> statement-breakpoint
CREATE INDEX "credit_schedule_subscription" ON "credit_schedule" USING btree ("subscription_id") WHERE subscription_id is not null;