import { sql } from "drizzle-orm";
import { index, integer, pgEnum, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { instant, whole } from "@/db/schema/columns";

export const runStatus = pgEnum("run_status", ["running", "done", "failed"]);

/**
 * Whether a run did anything, failed or is still running. Most ticks of a quiet site start one that finds
 * nothing to do. The condition of an index: change both.
 */
export const RUN_HAS_EFFECT = sql`(status <> 'done' or users_count > 0 or error_count > 0)`;

/** One run of the daily distribution. Several calls may work on it concurrently. */
export const distributionRun = pgTable(
  "distribution_run",
  {
    id: uuid().primaryKey().defaultRandom(),
    status: runStatus().notNull().default("running"),
    /** The instant that decides what is due and expired. */
    asOf: instant().notNull(),
    /**
     * Users with an expired lot or a due allotment, each counted once. A user counts again if a later
     * call moved `asOf` and something else fell due.
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
  (table) => [
    index("distribution_run_recent").on(table.startedAt.desc(), table.id),
    index("distribution_run_effect").on(table.startedAt.desc(), table.id).where(RUN_HAS_EFFECT),
  ],
);

export const distributionStage = pgEnum("distribution_stage", ["expiry", "grant"]);

/**
 * Users for whom the distribution failed, with the error, until it succeeds or nothing is due any
 * more. Only the functions write it. A run skips the users it has failed for.
 */
export const distributionFailure = pgTable(
  "distribution_failure",
  {
    userId: text().primaryKey(),
    /** The latest run that failed for the user; null for a sweep, which has no run. */
    runId: uuid(),
    stage: distributionStage().notNull(),
    error: text().notNull(),
    sinceAt: instant().notNull(),
    failedAt: instant().notNull(),
  },
  (table) => [index("distribution_failure_since").on(table.sinceAt, table.userId)],
);
