import { sql } from "drizzle-orm";
import { bigint, check, date, integer, pgTable, text } from "drizzle-orm/pg-core";
import { instant } from "./columns";

/** The embedded mode's clock: milliseconds ahead of real time. One row at most. */
export const clockOffset = pgTable(
  "clock_offset",
  {
    id: integer().primaryKey().default(1),
    offsetMs: bigint({ mode: "number" }).notNull(),
  },
  () => [check("clock_offset_one_row", sql`id = 1`)],
);

/** Work that is done once a night, each piece by itself: who has it, and when it was done. */
export const nightlyWork = pgTable("nightly_work", {
  /** The piece's name. */
  name: text().primaryKey(),
  /** Until when whoever claimed it has it to themselves; null: nobody is at it. */
  claimedUntil: instant(),
  /** When the last time that it was done to the end had begun; null: never. */
  doneAt: instant(),
});

/** The alerts that were raised, each fact once a day: the first to write the row raises it. */
export const alertSent = pgTable("alert_sent", {
  /** The fact and its day, `outbox_stuck:2026-03-01`. */
  key: text().primaryKey(),
  sentAt: instant().notNull(),
});

/** Paid members by UTC month, counted anew every night where there are many payments. */
export const memberMonth = pgTable("member_month", {
  /** The month's first day. */
  month: date({ mode: "string" }).primaryKey(),
  members: integer().notNull(),
  newMembers: integer().notNull(),
  countedAt: instant().notNull(),
});
