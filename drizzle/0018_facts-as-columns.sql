ALTER TABLE "payment" ADD COLUMN "session_id" text;--> statement-breakpoint
ALTER TABLE "payment" ADD COLUMN "invoice_id" text;--> statement-breakpoint
ALTER TABLE "credit_lot" ADD COLUMN "period_number" integer;--> statement-breakpoint
ALTER TABLE "credit_transaction" ADD COLUMN "reversal_id" text;--> statement-breakpoint
ALTER TABLE "payment" ADD CONSTRAINT "payment_one_stripe_object" CHECK (session_id is null or invoice_id is null);