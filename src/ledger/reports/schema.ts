import { sql } from "drizzle-orm";
import { check, date, index, integer, pgTable, primaryKey, uuid } from "drizzle-orm/pg-core";
import { instant, whole } from "@/db/schema/columns";
import { creditType } from "../schema";

/**
 * The ledger summed by the UTC day on which it took effect, for the reports of the whole site. Holds
 * every transaction booked before `credit_roll_up.rolled_to` and no other. Only `credits_roll_up`
 * writes it, from the ledger alone: it can be thrown away and made again.
 */
export const creditDayTotal = pgTable(
  "credit_day_total",
  {
    day: date({ mode: "string" }).notNull(),
    type: creditType().notNull(),
    transactions: whole().notNull(),
    /** Sums of what came in and of what went out (negative or zero). */
    creditsIn: whole().notNull(),
    creditsOut: whole().notNull(),
  },
  (table) => [primaryKey({ columns: [table.day, table.type] })],
);

/** How far the ledger is summed. One row at most; none: nothing is. */
export const creditRollUp = pgTable(
  "credit_roll_up",
  {
    id: integer().primaryKey().default(1),
    /** Transactions booked before this instant are in `credit_day_total`. */
    rolledTo: instant().notNull().default(sql`'-infinity'`),
    /** To where it goes next, as soon as every transaction numbered below `nextXid` has ended. */
    nextTo: instant(),
    nextXid: whole(),
  },
  () => [
    check("credit_roll_up_one_row", sql`id = 1`),
    check("credit_roll_up_next", sql`(next_to is null) = (next_xid is null)`),
  ],
);

/** What all users held together at an instant, counted once a day and whenever an admin asks. */
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

/** What was available of such a count, by the type of the lots it lay on. */
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
