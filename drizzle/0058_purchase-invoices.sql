ALTER TABLE "payment" DROP CONSTRAINT "payment_one_stripe_object";--> statement-breakpoint
CREATE INDEX "payment_invoice" ON "payment" USING btree ("invoice_id");