CREATE TABLE "catalog_price" (
	"price_id" text NOT NULL,
	"currency" text NOT NULL,
	"amount" bigint NOT NULL,
	"item" text NOT NULL,
	"version" integer NOT NULL,
	"kind" text NOT NULL,
	"owner" text NOT NULL,
	"tier" integer,
	"interval" text,
	"credits" bigint NOT NULL,
	"expire_days" integer,
	"trial_days" integer,
	"trial_credits" bigint,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "catalog_price_price_id_currency_pk" PRIMARY KEY("price_id","currency"),
	CONSTRAINT "catalog_price_amount" CHECK (amount > 0 and credits > 0 and version > 0),
	CONSTRAINT "catalog_price_kind" CHECK (case kind
        when 'subscription' then tier is not null and interval is not null and interval in ('month', 'year')
        when 'lifetime' then tier is not null and interval is not null and interval = 'once'
        when 'pack' then tier is null and interval is null
        else false end),
	CONSTRAINT "catalog_price_trial" CHECK ((trial_days is null) = (trial_credits is null))
);
--> statement-breakpoint
CREATE INDEX "catalog_price_item" ON "catalog_price" USING btree ("item","version" DESC NULLS LAST);