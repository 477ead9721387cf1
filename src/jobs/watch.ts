import { type Alert, enqueueAlert } from "@/alerts/alert";
import { alertChannels } from "@/alerts/configured-channels";
import type { Database } from "@/db/client";
import { alertSent } from "@/db/schema/jobs";
import { logger } from "@/lib/logger";
import { dayName } from "@/lib/utc-period";
import { raiseFindings } from "./findings";
import { type Health, type Problem, readHealth } from "./health";

/**
 * The problems that raise an alert every day until they are solved. Dead letters, drift and failed refunds
 * also raise one when they occur. Pending migrations raise none, because a deployment reports them itself.
 * `credits_capped` is not a problem: the overrun policy intends it, and the health stays ok.
 */
const SUBJECTS = {
  books_drifted: "The last reconciliation found accounts that do not balance",
  accounts_frozen: "Accounts are frozen and need an admin",
  daily_run_missed: "No distribution has finished in the last 26 hours",
  tick_missed: "The tick has not been called for 15 minutes",
  books_not_reconciled: "The books have not been reconciled for two days",
  distribution_failing: "The distribution keeps failing for some users",
  events_incomplete: "Stripe's events have not been compared with the inbox for two days",
  inbox_stuck: "A Stripe event has been pending for more than an hour",
  outbox_stuck: "The outbox has been stuck for more than an hour",
  dead_events: "Dead-lettered Stripe events need an admin",
  dead_outbox: "Dead-lettered emails, Stripe calls or alerts need an admin",
  money_owed: "Refunds failed and money is owed to users",
  withdrawals_overdue: "Withdrawals from contracts have not been refunded within the legal period",
  credits_unbilled: "Work used more credits than could be charged",
  credits_capped: "Work used more credits than its hold, and the overrun policy capped it",
} as const satisfies Partial<Record<Problem | "credits_capped", string>>;
type Raised = keyof typeof SUBJECTS;

/**
 * Raises an alert for each problem of the site's health that needs an admin, once per problem and UTC
 * day however many callers there are, one for capped captures, and the alerts of `raiseFindings`.
 * Returns what it raised alerts for. Reads the health unless the caller passes it.
 */
export async function watch(
  db: Database,
  { now, health }: { now: Date; health?: Health },
): Promise<Raised[]> {
  await raiseFindings(db, { now });
  const current = health ?? (await readHealth(db, { now, migrations: [], functionSet: null }));
  const due: Raised[] = current.problems.filter(isAlerting);
  if (current.cappedCaptures > 0) due.push("credits_capped");
  const raised: Raised[] = [];
  for (const name of due) {
    const key = `${name}:${dayName(now)}`;
    const alert = { key, subject: SUBJECTS[name], facts: factsOf(current), now };
    if (await raiseOnce(db, alert)) raised.push(name);
  }
  return raised;
}

function isAlerting(problem: Problem): problem is Problem & Raised {
  return problem in SUBJECTS;
}

/** Claims the key and enqueues the alert in one transaction. Returns false if it was raised before. */
async function raiseOnce(db: Database, alert: Alert): Promise<boolean> {
  const isFirst = await db.transaction(async (tx) => {
    const claimed = await tx
      .insert(alertSent)
      .values({ key: alert.key, sentAt: alert.now })
      .onConflictDoNothing()
      .returning({ key: alertSent.key });
    if (claimed.length === 0) return false;
    await enqueueAlert(tx, alert, alertChannels);
    return true;
  });
  if (isFirst) logger.error({ alert: alert.key, ...alert.facts }, alert.subject);
  return isFirst;
}

function factsOf(health: Health): Alert["facts"] {
  const { lastRun, lastReconciledAt, inbox, outbox } = health;
  const iso = (at: Date | null) => at?.toISOString() ?? null;
  return {
    lastRunFinishedAt: iso(lastRun?.finishedAt ?? null),
    lastTickAt: iso(health.lastTickAt),
    failedInLastRun: lastRun?.failedUsers ?? null,
    failingUsers: health.failingUsers,
    lastReconciledAt: iso(lastReconciledAt),
    driftedUsers: health.driftedUsers,
    frozenAccounts: health.frozenAccounts,
    eventsCompleteUntil: iso(health.eventsCompleteUntilAt),
    eventsWaiting: inbox.pending,
    eventsWaitingSince: iso(inbox.waitingSinceAt),
    deadEvents: inbox.dead,
    outboxWaiting: outbox.pending,
    outboxWaitingSince: iso(outbox.waitingSinceAt),
    deadOutboxEntries: outbox.dead,
    owedPayments: health.owedPayments,
    overdueWithdrawals: health.overdueWithdrawals,
    unbilledCaptures: health.unbilledCaptures,
    cappedCaptures: health.cappedCaptures,
  };
}
