import { sql } from "drizzle-orm";
import { check, date, index, integer, pgTable, primaryKey, uuid } from "drizzle-orm/pg-core";
import { instant, whole } from "@/db/schema/columns";
import { creditType } from "../schema";

/**
 * Daily sums of the ledger by effective UTC day, for reports of the whole site. Contains exactly the
 * transactions booked before `credit_roll_up.rolled_to`. Only `credits_roll_up` writes it, and it can
 * be recomputed from the ledger.
 */
export const creditDayTotal = pgTable(
  "credit_day_total",
  {
    day: date({ mode: "string" }).notNull(),
    type: creditType().notNull(),
    transactions: whole().notNull(),
    /** Sums of positive and of negative amounts. */
    creditsIn: whole().notNull(),
    creditsOut: whole().notNull(),
  },
  (table) => [primaryKey({ columns: [table.day, table.type] })],
);

/** How far the ledger is summed. At most one row; without one, nothing is summed. */
export const creditRollUp = pgTable(
  "credit_roll_up",
  {
    id: integer().primaryKey().default(1),
    /** Transactions booked before this instant are in `credit_day_total`. */
    rolledTo: instant().notNull().default(sql`'-infinity'`),
    /** The next value of `rolledTo`, once every transaction numbered below `nextXid` has ended. */
    nextTo: instant(),
    nextXid: whole(),
  },
  () => [
    check("credit_roll_up_one_row", sql`id = 1`),
    check("credit_roll_up_next", sql`(next_to is null) = (next_xid is null)`),
  ],
);

/** The lots granted in a month (UTC) and what of them expired unused, counted once a day. */
export const lotMonth = pgTable("lot_month", {
  /** The first day of the month. */
  month: date({ mode: "string" }).primaryKey(),
  granted: whole().notNull(),
  expired: whole().notNull(),
  countedAt: instant().notNull(),
});

/** What all users held in total at an instant, counted once a day and on an admin's request. */
export const outstandingCount = pgTable(
  "outstanding_count",
  {
    id: uuid().primaryKey().defaultRandom(),
    countedAt: instant().notNull(),
    available: whole().notNull(),
    held: whole().notNull(),
    debt: whole().notNull(),
  },
  (table) => [index("outstanding_count_recent").on(table.countedAt.desc())],
);

/** The available credits of such a count by lot type. */
export const outstandingCountType = pgTable(
  "outstanding_count_type",
  {
    countId: uuid()
      .notNull()
      .references(() => outstandingCount.id, { onDelete: "cascade" }),
    type: creditType().notNull(),
    available: whole().notNull(),
  },
  (table) => [primaryKey({ columns: [table.countId, table.type] })],
);
