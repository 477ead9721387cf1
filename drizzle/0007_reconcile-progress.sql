-- What reconciliations before this one found has been told already.
update reconciliation set alerted_count = cardinality(drifted_users) where finished_at is not null;
--> statement-breakpoint
-- Its successor keeps the progress itself and has other parameters.
drop function if exists credits_reconcile_batch(text, integer, timestamptz);
