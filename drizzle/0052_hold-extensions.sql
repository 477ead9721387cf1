CREATE TABLE "credit_hold_extension" (
	"user_id" text NOT NULL,
	"key" text NOT NULL,
	"hold_key" text NOT NULL,
	"amount" bigint NOT NULL,
	"expired_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"extended_at" timestamp with time zone NOT NULL,
	CONSTRAINT "credit_hold_extension_user_id_key_pk" PRIMARY KEY("user_id","key"),
	CONSTRAINT "credit_hold_extension_amount" CHECK (amount >= 0),
	CONSTRAINT "credit_hold_extension_order" CHECK (expires_at >= expired_at)
);
--> statement-breakpoint
CREATE INDEX "credit_hold_extension_hold" ON "credit_hold_extension" USING btree ("user_id","hold_key");--> statement-breakpoint
CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "credit_hold_extension"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_rewriting_history"();
