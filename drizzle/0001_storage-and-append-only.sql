-- Rows that are updated in place keep room on their page, so that an update needs no index entry (HOT).
ALTER TABLE "credit_account" SET (fillfactor = 80);--> statement-breakpoint
ALTER TABLE "credit_lot" SET (fillfactor = 80);--> statement-breakpoint
ALTER TABLE "credit_schedule" SET (fillfactor = 80);--> statement-breakpoint

-- The ledger is append-only for everybody, its owner included.
CREATE FUNCTION "refuse_rewriting_history"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The ledger is append-only: % on % is refused. Book a correcting transaction instead.', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'QF099';
END
$$;--> statement-breakpoint
CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "credit_transaction"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_rewriting_history"();--> statement-breakpoint
CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "credit_settlement"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_rewriting_history"();--> statement-breakpoint
CREATE TRIGGER "append_only" BEFORE DELETE OR TRUNCATE ON "credit_allocation"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_rewriting_history"();--> statement-breakpoint
CREATE TRIGGER "never_deleted" BEFORE DELETE OR TRUNCATE ON "credit_lot"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_rewriting_history"();--> statement-breakpoint
CREATE TRIGGER "never_deleted" BEFORE DELETE OR TRUNCATE ON "credit_account"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_rewriting_history"();--> statement-breakpoint
CREATE TRIGGER "never_deleted" BEFORE DELETE OR TRUNCATE ON "credit_hold"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_rewriting_history"();--> statement-breakpoint

-- Of an allocation only the end of what a hold set aside may change, and of a lot only what is left of it.
CREATE FUNCTION "refuse_changing_facts"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'A booked fact of % never changes; book a correcting transaction instead.', TG_TABLE_NAME
    USING ERRCODE = 'QF099';
END
$$;--> statement-breakpoint
CREATE TRIGGER "facts_stay" BEFORE UPDATE ON "credit_allocation" FOR EACH ROW
  WHEN (OLD.transaction_seq IS NOT NULL
    OR (OLD.user_id, OLD.id, OLD.lot_seq, OLD.amount, OLD.hold_key, OLD.from_at)
       IS DISTINCT FROM (NEW.user_id, NEW.id, NEW.lot_seq, NEW.amount, NEW.hold_key, NEW.from_at)
    OR NEW.transaction_seq IS NOT NULL)
  EXECUTE FUNCTION "refuse_changing_facts"();--> statement-breakpoint
CREATE TRIGGER "facts_stay" BEFORE UPDATE ON "credit_lot" FOR EACH ROW
  WHEN ((OLD.user_id, OLD.seq, OLD.type, OLD.source, OLD.amount, OLD.priority, OLD.paid, OLD.granted_at, OLD.expires_at)
    IS DISTINCT FROM (NEW.user_id, NEW.seq, NEW.type, NEW.source, NEW.amount, NEW.priority, NEW.paid, NEW.granted_at, NEW.expires_at))
  EXECUTE FUNCTION "refuse_changing_facts"();
