-- Functions that were merged into others, renamed, or return something else.
DROP FUNCTION IF EXISTS credits_booking(credit_transaction, boolean);--> statement-breakpoint
DROP FUNCTION IF EXISTS credits_booking_answer(bigint, credit_type, bigint, bigint, timestamptz, boolean);--> statement-breakpoint
DROP FUNCTION IF EXISTS credits_hold_answer(credit_hold, boolean);--> statement-breakpoint
DROP FUNCTION IF EXISTS credits_forget_failures(timestamptz);
