CREATE TABLE "reconciliation" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	"users_checked" integer DEFAULT 0 NOT NULL,
	"drifted_users" text[] DEFAULT '{}' NOT NULL
);
--> statement-breakpoint
CREATE INDEX "reconciliation_recent" ON "reconciliation" USING btree ("started_at" DESC NULLS LAST);