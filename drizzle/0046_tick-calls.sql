CREATE TABLE "tick_calls" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"last_at" timestamp with time zone NOT NULL,
	"series_started_at" timestamp with time zone NOT NULL,
	"regular_at" timestamp with time zone,
	CONSTRAINT "tick_calls_one_row" CHECK (id = 1)
);
