-- Answers a row now instead of a value; today's is installed after the migrations.
DROP FUNCTION IF EXISTS credits_period_pays(credit_schedule_kind, text, timestamptz, timestamptz, timestamptz);
