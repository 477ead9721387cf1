CREATE TABLE "alert_sent" (
	"key" text PRIMARY KEY NOT NULL,
	"sent_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "outstanding_count" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"counted_at" timestamp with time zone NOT NULL,
	"available" bigint NOT NULL,
	"held" bigint NOT NULL,
	"debt" bigint NOT NULL
);
--> statement-breakpoint
CREATE INDEX "outstanding_count_recent" ON "outstanding_count" USING btree ("counted_at" DESC NULLS LAST);