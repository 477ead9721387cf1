import { sql } from "drizzle-orm";
import {
  bigint,
  check,
  date,
  index,
  integer,
  pgEnum,
  pgTable,
  primaryKey,
  text,
  uuid,
} from "drizzle-orm/pg-core";
import { instant, whole } from "./columns";
import { creditType } from "./ledger";

export const runStatus = pgEnum("run_status", ["running", "done", "failed"]);

/** One run of the daily distribution; several calls may work on it side by side. */
export const distributionRun = pgTable(
  "distribution_run",
  {
    id: uuid().primaryKey().defaultRandom(),
    status: runStatus().notNull().default("running"),
    /** The instant that decides what is due and what has expired. */
    asOf: instant().notNull(),
    /**
     * Users the run has dealt with, each once: those whose lots expired and those to whom an allotment
     * was due. Whoever something more falls due to because a later call moved `asOf` counts again.
     */
    usersCount: integer().notNull().default(0),
    processedCount: integer().notNull().default(0),
    errorCount: integer().notNull().default(0),
    expiredCount: integer().notNull().default(0),
    grantedCredits: whole().notNull().default(0),
    expiredCredits: whole().notNull().default(0),
    lastError: text(),
    startedAt: instant().notNull(),
    updatedAt: instant().notNull(),
    finishedAt: instant(),
    alertedAt: instant(),
  },
  (table) => [index("distribution_run_recent").on(table.startedAt.desc(), table.id)],
);

export const distributionStage = pgEnum("distribution_stage", ["expiry", "grant"]);

/**
 * Whom the distribution could not serve, and why: one row a user until it succeeds or nothing is owed
 * any more. Only the functions write it. A run leaves alone whoever it has failed for.
 */
export const distributionFailure = pgTable(
  "distribution_failure",
  {
    userId: text().primaryKey(),
    /** The latest run that failed for the user; null when it was a sweep, which belongs to none. */
    runId: uuid(),
    stage: distributionStage().notNull(),
    error: text().notNull(),
    sinceAt: instant().notNull(),
    failedAt: instant().notNull(),
  },
  (table) => [index("distribution_failure_since").on(table.sinceAt, table.userId)],
);

/**
 * When the books were reconciled, how far, and what was found. Each batch writes its progress in
 * its own transaction, so that one that was cut off is gone on with.
 */
export const reconciliation = pgTable(
  "reconciliation",
  {
    id: uuid().primaryKey().defaultRandom(),
    startedAt: instant().notNull(),
    /** When the last batch was checked; null before the first. */
    updatedAt: instant(),
    finishedAt: instant(),
    usersChecked: integer().notNull().default(0),
    /** The last user, in the order of ids, who was checked. */
    reachedUser: text().notNull().default(""),
    /** Users whose books did not balance; their spending is frozen. */
    driftedUsers: text().array().notNull().default(sql`'{}'`),
    /** How many of them the people who run the site were told of. */
    alertedCount: integer().notNull().default(0),
  },
  (table) => [index("reconciliation_recent").on(table.startedAt.desc())],
);

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

/** Paid members by UTC month, counted anew every night where there are many payments. */
export const memberMonth = pgTable("member_month", {
  /** The month's first day. */
  month: date({ mode: "string" }).primaryKey(),
  members: integer().notNull(),
  newMembers: integer().notNull(),
  countedAt: instant().notNull(),
});
