ALTER TABLE "bazi_reading" ADD COLUMN "share_token" text;--> statement-breakpoint
ALTER TABLE "bazi_reading" ADD CONSTRAINT "bazi_reading_shareToken_unique" UNIQUE("share_token");