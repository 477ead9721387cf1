import type { Database } from "@/db/client";
import { alertSent } from "@/db/schema/jobs";
import { logger } from "@/lib/logger";
import { dayName } from "@/lib/utc-period";
import { type Alert, enqueueAlert } from "./alert";
import { alertOfFindings } from "./alert-of-findings";
import { alertChannels } from "./configured-channels";
import { type Health, type Problem, readHealth } from "./health";

/**
 * What the watch tells of, once a day as long as it lasts. Dead letters and drift are told where they
 * are found as well; that is when they are news, this is so that they are not forgotten. Not told:
 * migrations, which whoever deploys sees, and without which nothing here may work.
 */
const SUBJECTS = {
  books_drifted: "Accounts did not balance when the books were last reconciled",
  accounts_frozen: "Accounts are frozen for spending and wait for an admin",
  daily_run_missed: "No distribution has finished in the last 26 hours",
  books_not_reconciled: "The books have not been reconciled for two days",
  distribution_failing: "Some users could not be served by the distribution",
  inbox_stuck: "A Stripe event has been waiting for more than an hour",
  outbox_stuck: "The outbox has been stuck for more than an hour",
  dead_events: "Stripe events were given up and wait for an admin",
  dead_outbox: "E-mails, calls to Stripe or alerts were given up and wait for an admin",
} as const satisfies Partial<Record<Problem, string>>;
type Watched = keyof typeof SUBJECTS;

/**
 * Looks at the site's health and raises an alert for what needs a person, each fact once a day
 * (UTC) however often and by however many callers it is called, and those of runs and
 * reconciliations that nobody has told of. Answers the problems it alerted of. `health`: as just read.
 */
export async function watch(
  db: Database,
  { now, health }: { now: Date; health?: Health },
): Promise<Problem[]> {
  await alertOfFindings(db, { now });
  const found = health ?? (await readHealth(db, { now, migrations: [], functionSet: null }));
  const alerted: Problem[] = [];
  for (const problem of found.problems.filter(isWatched)) {
    const key = `${problem}:${dayName(now)}`;
    const alert = { key, subject: SUBJECTS[problem], facts: factsOf(found), now };
    if (await alertOnce(db, alert)) alerted.push(problem);
  }
  return alerted;
}

function isWatched(problem: Problem): problem is Watched {
  return problem in SUBJECTS;
}

/** The first to claim a fact's day writes its alert, in the same transaction: neither is lost. */
async function alertOnce(db: Database, alert: Alert): Promise<boolean> {
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

function factsOf(health: Health) {
  const { lastRun, lastReconciledAt, inbox, outbox } = health;
  const text = (at: Date | null) => at?.toISOString() ?? null;
  return {
    lastRunFinishedAt: text(lastRun?.finishedAt ?? null),
    failedInLastRun: lastRun?.failedUsers ?? null,
    failingUsers: health.failingUsers,
    lastReconciledAt: text(lastReconciledAt),
    driftedUsers: health.driftedUsers,
    frozenAccounts: health.frozenAccounts,
    eventsWaiting: inbox.pending,
    eventsWaitingSince: text(inbox.waitingSinceAt),
    eventsGivenUp: inbox.dead,
    outboxWaiting: outbox.pending,
    outboxWaitingSince: text(outbox.waitingSinceAt),
    outboxGivenUp: outbox.dead,
  };
}
