ALTER TABLE "credit_allocation" ALTER COLUMN "id" DROP IDENTITY;--> statement-breakpoint
ALTER TABLE "credit_settlement" ALTER COLUMN "id" DROP IDENTITY;--> statement-breakpoint
ALTER TABLE "credit_allocation" RENAME COLUMN "id" TO "number";--> statement-breakpoint
ALTER TABLE "credit_settlement" RENAME COLUMN "id" TO "number";--> statement-breakpoint
-- Renaming keeps the indexes; a new primary key would build them again.
ALTER TABLE "credit_allocation" RENAME CONSTRAINT "credit_allocation_user_id_lot_seq_id_pk" TO "credit_allocation_user_id_lot_seq_number_pk";--> statement-breakpoint
ALTER TABLE "credit_settlement" RENAME CONSTRAINT "credit_settlement_user_id_id_pk" TO "credit_settlement_user_id_number_pk";--> statement-breakpoint
-- Existing accounts continue after the highest number of all. As the default of a new column, that
-- rewrites no account.
DO $$
BEGIN
  EXECUTE format('ALTER TABLE "credit_account" ADD COLUMN "last_allocation" bigint DEFAULT %s NOT NULL',
    (SELECT coalesce(max("number"), 0) FROM "credit_allocation"));
  EXECUTE format('ALTER TABLE "credit_account" ADD COLUMN "last_settlement" bigint DEFAULT %s NOT NULL',
    (SELECT coalesce(max("number"), 0) FROM "credit_settlement"));
END
$$;--> statement-breakpoint
ALTER TABLE "credit_account" ALTER COLUMN "last_allocation" SET DEFAULT 0;--> statement-breakpoint
ALTER TABLE "credit_account" ALTER COLUMN "last_settlement" SET DEFAULT 0;--> statement-breakpoint
-- The names of its result change; the function files install it again.
DROP FUNCTION IF EXISTS "credits_hold_parts"(text, text);
