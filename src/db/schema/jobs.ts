import { sql } from "drizzle-orm";
import { bigint, check, date, integer, pgTable, text } from "drizzle-orm/pg-core";
import { instant } from "./columns";

/** Milliseconds that the embedded mode's clock is ahead of real time. At most one row. */
export const clockOffset = pgTable(
  "clock_offset",
  {
    id: integer().primaryKey().default(1),
    offsetMs: bigint({ mode: "number" }).notNull(),
  },
  () => [check("clock_offset_one_row", sql`id = 1`)],
);

/** Nightly tasks with their lease and last completion. */
export const nightlyWork = pgTable("nightly_work", {
  /** The task's name. */
  name: text().primaryKey(),
  /** Lease expiry; null if no worker has claimed it. */
  claimedUntil: instant(),
  /** When the last completed run began; null if never. */
  doneAt: instant(),
});

/**
 * The calls of `/api/jobs/tick`. At most one row. Its times come from the database's clock, because
 * the embedded mode moves the application's.
 */
export const tickCalls = pgTable(
  "tick_calls",
  {
    id: integer().primaryKey().default(1),
    lastAt: instant().notNull(),
    /** The first of the calls that followed one another regularly until `lastAt`. */
    seriesStartedAt: instant().notNull(),
    /** The last call of a series that lasted an hour; null if there was none. */
    regularAt: instant(),
  },
  () => [check("tick_calls_one_row", sql`id = 1`)],
);

/** Raised alerts, one row per fact and day: the first to insert the row raises it. */
export const alertSent = pgTable("alert_sent", {
  /** The fact and its day, `outbox_stuck:2026-03-01`. */
  key: text().primaryKey(),
  sentAt: instant().notNull(),
});

/** Paid members by UTC month, recounted every night if there are many payments. */
export const memberMonth = pgTable("member_month", {
  /** The month's first day. */
  month: date({ mode: "string" }).primaryKey(),
  members: integer().notNull(),
  newMembers: integer().notNull(),
  countedAt: instant().notNull(),
});
