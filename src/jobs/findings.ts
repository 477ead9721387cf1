import { subDays, subMinutes } from "date-fns";
import { and, desc, eq, gt, isNotNull, isNull, lt, or, sql } from "drizzle-orm";
import { type Alert, enqueueAlert } from "@/alerts/alert";
import { alertChannels } from "@/alerts/configured-channels";
import { deliverAlerts } from "@/alerts/deliver-alerts";
import type { Database, Transaction } from "@/db/client";
import { ALERT_ERROR_RATE } from "@/ledger/distribution/distribute";
import { distributionRun } from "@/ledger/distribution/schema";
import { reconciliation } from "@/ledger/schema";
import { logger } from "@/lib/logger";

/** Older findings raise no alert. */
const LOOK_BACK_DAYS = 7;
/** A reconciliation without progress for this long was interrupted. */
const INTERRUPTED_AFTER_MINUTES = 10;
/** How many accounts an alert names. */
const NAMED_USERS = 10;
const DELIVER_MS = 20_000;

export interface FindingsOptions {
  readonly now: Date;
  /** A reconciliation that the caller stopped before it finished. */
  readonly stoppedReconciliationId?: string | undefined;
}

/** Raises the alerts of `raiseFindings` and sends them. Never throws: the next tick retries. */
export async function notifyFindings(db: Database, options: FindingsOptions): Promise<void> {
  try {
    await raiseFindings(db, options);
  } catch (error) {
    logger.error({ err: error }, "alerts could not be raised; the next tick retries");
  }
  await deliverAlerts(db, { now: options.now, deadlineMs: performance.now() + DELIVER_MS });
}

/**
 * Raises the alerts of failed distribution runs and of drift found by reconciliations, whether the
 * scheduler, an admin or a command ran them. Each is marked in the transaction that enqueues its
 * alert, so it is raised once.
 */
export async function raiseFindings(db: Database, options: FindingsOptions): Promise<void> {
  await db.transaction(async (tx) => {
    const alerts = [
      ...(await claimFailedRuns(tx, options)),
      ...(await claimDriftedUsers(tx, options)),
    ];
    for (const alert of alerts) {
      logger.error({ alert: alert.key, ...alert.facts }, alert.subject);
      await enqueueAlert(tx, alert, alertChannels);
    }
  });
}

/** Finished runs that failed for more than 5% of their users. */
async function claimFailedRuns(tx: Transaction, { now }: FindingsOptions): Promise<Alert[]> {
  const { errorCount, usersCount } = distributionRun;
  const runs = await tx
    .update(distributionRun)
    .set({ alertedAt: now })
    .where(
      and(
        eq(distributionRun.status, "done"),
        isNull(distributionRun.alertedAt),
        gt(errorCount, sql`${usersCount} * ${ALERT_ERROR_RATE}::float8`),
        gt(distributionRun.startedAt, subDays(now, LOOK_BACK_DAYS)),
      ),
    )
    .returning();
  return runs.map((run) => ({
    key: `distribution:${run.id}`,
    subject: `Distribution failed for ${run.errorCount} of ${run.usersCount} users`,
    facts: {
      runId: run.id,
      users: run.usersCount,
      errors: run.errorCount,
      lastError: run.lastError,
    },
    now,
  }));
}

/**
 * Users that reconciliations found to be out of balance. A running reconciliation is skipped until it
 * finishes. A stopped or interrupted one may not resume before the next night, so its users are
 * reported now and any others later.
 */
async function claimDriftedUsers(
  tx: Transaction,
  { now, stoppedReconciliationId = "" }: FindingsOptions,
): Promise<Alert[]> {
  const { id, driftedUsers, alertedCount, startedAt, updatedAt, finishedAt } = reconciliation;
  const found = await tx
    .select()
    .from(reconciliation)
    .where(
      and(
        gt(sql`cardinality(${driftedUsers})`, alertedCount),
        gt(startedAt, subDays(now, LOOK_BACK_DAYS)),
        or(
          isNotNull(finishedAt),
          lt(updatedAt, subMinutes(now, INTERRUPTED_AFTER_MINUTES)),
          sql`${id}::text = ${stoppedReconciliationId}`,
        ),
      ),
    )
    .orderBy(desc(startedAt))
    .for("update");
  for (const row of found) {
    const alerted = { alertedCount: row.driftedUsers.length };
    await tx.update(reconciliation).set(alerted).where(eq(id, row.id));
  }
  return found.map((row) => {
    const users = row.driftedUsers;
    const newUsers = users.slice(row.alertedCount, row.alertedCount + NAMED_USERS);
    return {
      key: `reconcile:${row.id}:${users.length}`,
      subject: `The books of ${users.length} of ${row.usersChecked} users do not balance`,
      facts: { reconciliationId: row.id, firstUsers: newUsers.join(", ") },
      now,
    };
  });
}
