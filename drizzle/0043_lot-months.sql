CREATE TABLE "lot_month" (
	"month" date PRIMARY KEY NOT NULL,
	"granted" bigint NOT NULL,
	"expired" bigint NOT NULL,
	"counted_at" timestamp with time zone NOT NULL
);
