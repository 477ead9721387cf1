import { and, desc, eq, gt, isNotNull, isNull, lt, or, sql } from "drizzle-orm";
import type { Database, Transaction } from "@/db/client";
import { ALERT_ERROR_RATE } from "@/ledger/distribution/distribute";
import { distributionRun } from "@/ledger/distribution/schema";
import { reconciliation } from "@/ledger/schema";
import { logger } from "@/lib/logger";
import { type Alert, enqueueAlert } from "./alert";
import { alertChannels } from "./configured-channels";
import { deliverAlerts } from "./deliver-alerts";

/** What was never told of by then is no news any more. */
const LOOK_BACK_DAYS = 7;
/** A reconciliation that has not moved for this long was cut off. */
const CUT_OFF_AFTER_MS = 10 * 60_000;
/** How many accounts a letter names. */
const NAMED_USERS = 10;
/** What sending may add to the work that was alerted of; what is left is sent by the next tick. */
const SEND_MS = 20_000;

/** Alerts of what was found and sends it. Never throws: the work that found it stays done. */
export async function tellFindings(
  db: Database,
  findings: { now: Date; stoppedId?: string | undefined },
): Promise<void> {
  try {
    await alertOfFindings(db, findings);
  } catch (error) {
    logger.error({ err: error }, "alerts could not be raised; the next tick tries again");
  }
  await deliverAlerts(db, { now: findings.now, deadlineMs: performance.now() + SEND_MS });
}

/**
 * Raises the alerts that runs and reconciliations call for and that have not gone out yet, whoever
 * finished them: a call of the scheduler, an admin, a command, or nobody because it was cut off. What
 * has been told is marked in the transaction that writes the alert, so each goes out once.
 * `stoppedId`: a reconciliation that the caller has left unfinished.
 */
export async function alertOfFindings(
  db: Database,
  { now, stoppedId }: { now: Date; stoppedId?: string | undefined },
): Promise<void> {
  await db.transaction(async (tx) => {
    const alerts = [...(await claimRuns(tx, now)), ...(await claimDrift(tx, now, stoppedId))];
    for (const alert of alerts) {
      logger.error({ alert: alert.key, ...alert.facts }, alert.subject);
      await enqueueAlert(tx, alert, alertChannels);
    }
  });
}

/** Finished runs of whose users more than 5% failed. */
async function claimRuns(tx: Transaction, now: Date): Promise<Alert[]> {
  const { errorCount, usersCount } = distributionRun;
  const runs = await tx
    .update(distributionRun)
    .set({ alertedAt: now })
    .where(
      and(
        eq(distributionRun.status, "done"),
        isNull(distributionRun.alertedAt),
        gt(errorCount, sql`${usersCount} * ${ALERT_ERROR_RATE}::float8`),
        gt(distributionRun.startedAt, daysBefore(now)),
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
 * Accounts that a reconciliation has frozen. One under way tells them when it is finished; one that
 * was left or cut off may not be gone on with before the next night, so it tells of what it has, and
 * of what it finds afterwards by then.
 */
async function claimDrift(tx: Transaction, now: Date, stoppedId = ""): Promise<Alert[]> {
  const { id, driftedUsers, alertedCount, startedAt, updatedAt, finishedAt } = reconciliation;
  const found = await tx
    .select()
    .from(reconciliation)
    .where(
      and(
        gt(sql`cardinality(${driftedUsers})`, alertedCount),
        gt(startedAt, daysBefore(now)),
        or(
          isNotNull(finishedAt),
          lt(updatedAt, new Date(now.getTime() - CUT_OFF_AFTER_MS)),
          sql`${id}::text = ${stoppedId}`,
        ),
      ),
    )
    .orderBy(desc(startedAt))
    .for("update");
  for (const row of found) {
    const told = { alertedCount: row.driftedUsers.length };
    await tx.update(reconciliation).set(told).where(eq(id, row.id));
  }
  return found.map((row) => {
    const users = row.driftedUsers;
    const news = users.slice(row.alertedCount, row.alertedCount + NAMED_USERS);
    return {
      key: `reconcile:${row.id}:${users.length}`,
      subject: `The books of ${users.length} of ${row.usersChecked} users do not balance`,
      facts: { reconciliationId: row.id, firstUsers: news.join(", ") },
      now,
    };
  });
}

function daysBefore(now: Date): Date {
  return new Date(now.getTime() - LOOK_BACK_DAYS * 24 * 3_600_000);
}
