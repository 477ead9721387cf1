-- Nightly tasks have standard names. A row of the new name exists only where the new code already ran.
UPDATE "nightly_work" SET "name" = 'event backfill' WHERE "name" = 'events that never came'
  AND NOT EXISTS (SELECT FROM "nightly_work" WHERE "name" = 'event backfill');--> statement-breakpoint
UPDATE "nightly_work" SET "name" = 'roll-up check' WHERE "name" = 'proof of the daily sums'
  AND NOT EXISTS (SELECT FROM "nightly_work" WHERE "name" = 'roll-up check');--> statement-breakpoint
DELETE FROM "nightly_work" WHERE "name" IN ('events that never came', 'proof of the daily sums');
