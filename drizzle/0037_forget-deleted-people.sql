CREATE INDEX "stripe_event_customer" ON "stripe_event" USING btree ((payload #>> '{data,object,customer}')) WHERE user_id is null and trimmed_at is null;--> statement-breakpoint
-- Keys of alerts contained the admin's address.
UPDATE outbox SET idempotency_key = 'alert:' || id
WHERE kind = 'alert' AND idempotency_key LIKE '%@%';
--> statement-breakpoint
-- What earlier deletions left. Later ones remove it themselves.
UPDATE "user" SET ban_reason = NULL, locale = 'en', time_zone = 'UTC' WHERE deleted_at IS NOT NULL;
--> statement-breakpoint
UPDATE subscription SET cancellation_comment = NULL
WHERE cancellation_comment NOT LIKE 'QiFlow: %'
  AND user_id IN (SELECT id FROM "user" WHERE deleted_at IS NOT NULL);
--> statement-breakpoint
UPDATE payment SET receipt_url = NULL
WHERE receipt_url IS NOT NULL AND user_id IN (SELECT id FROM "user" WHERE deleted_at IS NOT NULL);
--> statement-breakpoint
UPDATE checkout_session SET url = NULL
WHERE url IS NOT NULL AND user_id IN (SELECT id FROM "user" WHERE deleted_at IS NOT NULL);
--> statement-breakpoint
UPDATE stripe_event SET raw_body = NULL, last_error = NULL, trimmed_at = now(), payload = jsonb_strip_nulls(
  jsonb_build_object(
    'id', payload -> 'id', 'object', payload -> 'object', 'type', payload -> 'type',
    'api_version', payload -> 'api_version', 'created', payload -> 'created',
    'livemode', payload -> 'livemode',
    'data', jsonb_build_object('object', jsonb_build_object(
      'id', payload #> '{data,object,id}', 'object', payload #> '{data,object,object}',
      'customer', to_jsonb(payload #>> '{data,object,customer}')))))
WHERE trimmed_at IS NULL AND user_id IN (SELECT id FROM "user" WHERE deleted_at IS NOT NULL);
--> statement-breakpoint
INSERT INTO outbox (kind, idempotency_key, user_id, payload, created_at, next_attempt_at)
SELECT 'stripe', 'account:' || id || ':erase:' || stripe_customer_id || ':deletion', id,
  jsonb_build_object('do', 'erase-customer', 'customerId', stripe_customer_id), now(), now()
FROM "user" WHERE deleted_at IS NOT NULL AND stripe_customer_id IS NOT NULL
ON CONFLICT DO NOTHING;
