DROP INDEX "payment_paid_at";--> statement-breakpoint
CREATE INDEX "audit_log_action" ON "audit_log" USING btree ("action","created_at" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE INDEX "payment_kind" ON "payment" USING btree ("item","currency","paid_at" DESC NULLS LAST,"id","amount_cents","refunded_cents","disputed_cents");--> statement-breakpoint
CREATE INDEX "payment_refunded" ON "payment" USING btree ("paid_at" DESC NULLS LAST,"id") WHERE refunded_cents > 0;--> statement-breakpoint
CREATE INDEX "payment_disputed" ON "payment" USING btree ("paid_at" DESC NULLS LAST,"id") WHERE disputed_cents > 0;--> statement-breakpoint
CREATE INDEX "payment_paid_at" ON "payment" USING btree ("paid_at" DESC NULLS LAST,"id");