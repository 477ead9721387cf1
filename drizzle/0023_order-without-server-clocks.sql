-- No server's clock orders anything any more. A fetch that a fast clock dated ahead must not win over
-- later ones, which the database's clock dates.
UPDATE "subscription" SET "fetched_at" = now() WHERE "fetched_at" > now();--> statement-breakpoint
-- Whole reversals cut the membership. An open dispute does not, so its payment is left out.
UPDATE "payment" SET "is_reversed" = true
WHERE "amount_cents" > 0 AND ("refunded_cents" + "disputed_cents") * 100 >= "amount_cents" * 95
  AND ("refunded_cents" * 100 >= "amount_cents" * 95 OR "member_until_at" <= now());--> statement-breakpoint
ALTER TABLE "payment" DROP COLUMN "reversals_asked_at";