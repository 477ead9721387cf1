import { sql } from "drizzle-orm";
import { check, date, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { instant, whole } from "./columns";

/** One row for each day a user signed in, written in the transaction that grants its credits. */
export const dailySignIn = pgTable(
  "daily_sign_in",
  {
    userId: text().notNull(),
    /** The day in the user's time zone at sign-in. A user's days only move forward. */
    day: date({ mode: "string" }).notNull(),
    /** Consecutive days up to and including this one. */
    streak: integer().notNull(),
    credits: whole().notNull(),
    signedInAt: instant().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.userId, table.day] }),
    check("daily_sign_in_streak", sql`streak > 0`),
    check("daily_sign_in_credits", sql`credits > 0`),
  ],
);
