ALTER TABLE "payment" ADD COLUMN "refusal" text;--> statement-breakpoint
ALTER TABLE "payment" ADD COLUMN "owed_cents" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "payment" ADD COLUMN "settled_cents" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "payment_owed" ON "payment" USING btree ("paid_at" DESC NULLS LAST,"id") WHERE owed_cents > 0;--> statement-breakpoint
ALTER TABLE "payment" ADD CONSTRAINT "payment_owed" CHECK (owed_cents >= 0 and settled_cents >= 0 and (owed_cents + settled_cents = 0 or refusal is not null));--> statement-breakpoint
-- Payments that we refused so far: a refund call of ours names them. A paid deletion was refunded as
-- requested by the customer, anything else as a duplicate.
UPDATE "payment" p
SET "refusal" = CASE
  WHEN o."payload"->>'reason' = 'requested_by_customer' THEN 'deleted'
  WHEN s."ended_at" < p."paid_at" THEN 'late'
  ELSE 'second' END
FROM "outbox" o, "payment" old
LEFT JOIN "subscription" s ON s."id" = old."subscription_id"
WHERE p."user_id" = old."user_id" AND p."id" = old."id"
  AND o."kind" = 'stripe' AND o."user_id" = old."user_id"
  AND (o."payload"->>'do' = 'refund-invoice' AND o."payload"->>'invoiceId' = old."invoice_id"
    OR o."payload"->>'do' = 'refund-payment' AND o."payload"->>'paymentIntentId' = old."payment_intent_id")
  AND old."credits" = 0 AND old."member_from_at" IS NULL;--> statement-breakpoint
-- Their failed refunds that nothing replaced. The next event of the payment counts credit notes as well.
UPDATE "payment"
SET "owed_cents" = "amount_cents" - "refunded_cents" - "disputed_cents"
WHERE "refusal" IS NOT NULL
  AND "reversals" @> '[{"kind": "refund", "state": "undone"}]';
