DROP INDEX "credit_allocation_lot";--> statement-breakpoint
ALTER TABLE "credit_allocation" DROP CONSTRAINT "credit_allocation_user_id_id_pk";--> statement-breakpoint
ALTER TABLE "credit_allocation" ADD CONSTRAINT "credit_allocation_user_id_lot_seq_id_pk" PRIMARY KEY("user_id","lot_seq","id");