-- Their arguments have changed.
DROP FUNCTION IF EXISTS credits_repair_batch(text, integer, bigint);--> statement-breakpoint
DROP FUNCTION IF EXISTS credits_reinstate_schedule(text, bigint);--> statement-breakpoint
DROP TABLE "passkey" CASCADE;--> statement-breakpoint
ALTER TABLE "sign_in_event" DROP COLUMN "device";