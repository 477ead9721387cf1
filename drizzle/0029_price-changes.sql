CREATE TABLE "price_change" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" text NOT NULL,
	"subscription_id" text NOT NULL,
	"from_price_id" text NOT NULL,
	"to_price_id" text NOT NULL,
	"currency" text NOT NULL,
	"quantity" integer NOT NULL,
	"status" text DEFAULT 'scheduled' NOT NULL,
	"notice_ends_at" timestamp with time zone NOT NULL,
	"effective_at" timestamp with time zone NOT NULL,
	"called_for_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"closed_at" timestamp with time zone,
	CONSTRAINT "price_change_prices" CHECK (from_price_id <> to_price_id and quantity > 0),
	CONSTRAINT "price_change_status" CHECK (status in ('scheduled', 'applied', 'dropped')),
	CONSTRAINT "price_change_closed" CHECK ((status = 'scheduled') = (closed_at is null))
);
--> statement-breakpoint
CREATE UNIQUE INDEX "price_change_scheduled" ON "price_change" USING btree ("subscription_id") WHERE status = 'scheduled';--> statement-breakpoint
CREATE INDEX "price_change_subscription" ON "price_change" USING btree ("subscription_id","created_at" DESC NULLS LAST);