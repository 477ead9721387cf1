CREATE TABLE "audit_result" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_result_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"audit_id" uuid NOT NULL,
	"facts" jsonb NOT NULL
);
--> statement-breakpoint
CREATE INDEX "audit_result_entry" ON "audit_result" USING btree ("audit_id","id");--> statement-breakpoint
-- Deletes sign-ins and refused attempts of admins after a year, the only rows of the audit log that
-- hold a network address. The application's role can delete no others, and none earlier.
CREATE FUNCTION audit_prune_access(p_limit integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH deleted AS (
    DELETE FROM audit_log WHERE id IN (
      SELECT id FROM audit_log
      WHERE action IN ('admin.sign-in', 'admin.refused') AND created_at < now() - interval '365 days'
      LIMIT p_limit
      FOR UPDATE SKIP LOCKED
    ) RETURNING 1
  )
  SELECT count(*) FROM deleted
$$;
