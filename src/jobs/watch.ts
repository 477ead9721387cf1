import type { Database } from "@/db/client";
import { alertSent } from "@/db/schema/jobs";
import { type Health, type Problem, readHealth } from "./health";
import type { sendAlert } from "./send-alert";

/**
 * What the watch tells of. Not what is told where it happens: a dead event by billing, drift by the
 * reconcile, which finds it anew every night as long as it is there.
 */
const SUBJECTS = {
  daily_run_missed: "No distribution has finished in the last 26 hours",
  books_not_reconciled: "The books have not been reconciled for two days",
  inbox_stuck: "A Stripe event has been waiting for more than an hour",
  outbox_stuck: "The outbox has been stuck for more than an hour",
  dead_outbox: "E-mails or calls to Stripe were given up",
} as const satisfies Partial<Record<Problem, string>>;

/**
 * Looks at the site's health and raises an alert for what needs a person, each fact once a day
 * (UTC) however often and by however many callers it is called. Answers what it alerted of.
 */
export async function watch(
  db: Database,
  { now, alert }: { now: Date; alert: typeof sendAlert },
): Promise<Problem[]> {
  const health = await readHealth(db, { now, migrations: [] });
  const alerted: Problem[] = [];
  for (const problem of health.problems) {
    if (!isWatched(problem)) continue;
    const key = `${problem}:${now.toISOString().slice(0, 10)}`;
    if (!(await claim(db, key, now))) continue;
    await alert(db, { key, subject: SUBJECTS[problem], facts: factsOf(health), now });
    alerted.push(problem);
  }
  return alerted;
}

function isWatched(problem: Problem): problem is keyof typeof SUBJECTS {
  return problem in SUBJECTS;
}

/** The first to claim a fact's day tells it; sent twice would be ignored, so a crash between may lose one day's. */
async function claim(db: Database, key: string, now: Date): Promise<boolean> {
  const claimed = await db
    .insert(alertSent)
    .values({ key, sentAt: now })
    .onConflictDoNothing()
    .returning({ key: alertSent.key });
  return claimed.length > 0;
}

function factsOf({ lastRunFinishedAt, lastReconciledAt, inbox, outbox }: Health) {
  const text = (at: Date | null) => at?.toISOString() ?? null;
  return {
    lastRunFinishedAt: text(lastRunFinishedAt),
    lastReconciledAt: text(lastReconciledAt),
    eventsWaiting: inbox.pending,
    oldestEventAt: text(inbox.oldestPendingAt),
    outboxWaiting: outbox.pending,
    oldestInOutboxAt: text(outbox.oldestPendingAt),
    givenUpInOutbox: outbox.dead,
  };
}
