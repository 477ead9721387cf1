import { index, integer, pgEnum, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { instant, whole } from "@/db/schema/columns";

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
