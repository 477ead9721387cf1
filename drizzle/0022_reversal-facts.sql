ALTER TABLE "payment" ADD COLUMN "reversals" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "payment" ADD COLUMN "is_reversed" boolean DEFAULT false NOT NULL;