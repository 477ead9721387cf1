ALTER TYPE "public"."outbox_kind" ADD VALUE IF NOT EXISTS 'webhook';--> statement-breakpoint
CREATE TABLE "webhook_endpoint" (
	"id" text PRIMARY KEY NOT NULL,
	"service_id" text NOT NULL,
	"url" text NOT NULL,
	"events" text[] NOT NULL,
	"secret" text NOT NULL,
	"previous_secret" text,
	"previous_secret_until" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"failing_since" timestamp with time zone,
	"disabled_at" timestamp with time zone,
	"disabled_by" text
);
--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "endpoint_id" text;--> statement-breakpoint
ALTER TABLE "webhook_endpoint" ADD CONSTRAINT "webhook_endpoint_service_id_api_service_id_fk" FOREIGN KEY ("service_id") REFERENCES "public"."api_service"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "webhook_endpoint_service" ON "webhook_endpoint" USING btree ("service_id","created_at");--> statement-breakpoint
CREATE INDEX "outbox_endpoint" ON "outbox" USING btree ("endpoint_id","created_at" DESC NULLS LAST,"id") WHERE endpoint_id is not null;