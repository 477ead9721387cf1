import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Reader } from "@/db/client";

const HOUR_MS = 3_600_000;
/** A day, and two hours for a host whose cron is not punctual. */
export const RUN_EVERY_MS = 26 * HOUR_MS;
/** The tick reconciles daily; two missed days are no accident. */
export const RECONCILE_EVERY_MS = 50 * HOUR_MS;
/** Something that waits for this long is not on its way any more. */
export const STUCK_AFTER_MS = HOUR_MS;

/** What needs a person, the worst first. The first alone means that the site cannot be used. */
export const PROBLEMS = [
  "migrations_pending",
  "books_drifted",
  "daily_run_missed",
  "books_not_reconciled",
  "inbox_stuck",
  "outbox_stuck",
  "dead_events",
  "dead_outbox",
] as const;
export type Problem = (typeof PROBLEMS)[number];

export interface Queue {
  readonly pending: number;
  readonly oldestPendingAt: Date | null;
  /** Given up; an admin has to look. */
  readonly dead: number;
}

export interface Health {
  readonly checkedAt: Date;
  readonly problems: readonly Problem[];
  readonly pendingMigrations: number;
  /** Stripe's events. */
  readonly inbox: Queue;
  /** E-mails to be sent and calls to be made to Stripe. */
  readonly outbox: Queue;
  readonly lastRunFinishedAt: Date | null;
  readonly lastReconciledAt: Date | null;
  readonly driftedUsers: number;
}

/** When each migration that this code knows was made, as the journal of migrations has it. */
export interface KnownMigration {
  readonly when: number;
}

/**
 * How the site is, in one round trip that reads a few rows through their indexes, however large the
 * tables are. Throws what the database throws when it does not answer.
 */
export async function readHealth(
  reader: Reader,
  { now, migrations }: { now: Date; migrations: readonly KnownMigration[] },
): Promise<Health> {
  const [row] = await reader.execute(sql`
    select
      (select max(created_at) from drizzle.__drizzle_migrations) as migrated_to,
      inbox.*, outbox.*, dead_events.*, dead_outbox.*, run.*, books.*,
      (select min(created_at) from "user") as first_user_at
    from
      (select count(*) as inbox_pending, min(received_at) as inbox_oldest
        from stripe_event where status = 'pending') inbox,
      (select count(*) as outbox_pending, min(created_at) as outbox_oldest
        from outbox where status = 'pending') outbox,
      (select count(*) as inbox_dead from stripe_event where status = 'dead') dead_events,
      (select count(*) as outbox_dead from outbox where status = 'dead') dead_outbox
    left join lateral (select finished_at as run_finished from distribution_run
      where status = 'done' order by started_at desc limit 1) run on true
    left join lateral (select started_at as reconciled, cardinality(drifted_users) as drifted
      from reconciliation where finished_at is not null order by started_at desc limit 1) books on true`);
  return judge(facts.parse(row), { now, migrations });
}

const figure = z.coerce.number();
const instant = z.coerce.date().nullable();
const facts = z.object({
  /** Milliseconds, as Drizzle writes them; null before the first migration. */
  migrated_to: figure.nullable(),
  inbox_pending: figure,
  inbox_oldest: instant,
  inbox_dead: figure,
  outbox_pending: figure,
  outbox_oldest: instant,
  outbox_dead: figure,
  run_finished: instant,
  reconciled: instant,
  drifted: figure.nullable(),
  first_user_at: instant,
});
type Facts = z.output<typeof facts>;

function judge(
  row: Facts,
  { now, migrations }: { now: Date; migrations: readonly KnownMigration[] },
): Health {
  const appliedTo = row.migrated_to ?? 0;
  const pendingMigrations = migrations.filter(({ when }) => when > appliedTo).length;
  const drifted = row.drifted ?? 0;
  // Where nothing ever ran, it should have since the first user came.
  const since = (done: Date | null) => done ?? row.first_user_at;
  const found: Readonly<Record<Problem, boolean>> = {
    migrations_pending: pendingMigrations > 0,
    books_drifted: drifted > 0,
    daily_run_missed: isOlder(since(row.run_finished), RUN_EVERY_MS, now),
    books_not_reconciled: isOlder(since(row.reconciled), RECONCILE_EVERY_MS, now),
    inbox_stuck: isOlder(row.inbox_oldest, STUCK_AFTER_MS, now),
    outbox_stuck: isOlder(row.outbox_oldest, STUCK_AFTER_MS, now),
    dead_events: row.inbox_dead > 0,
    dead_outbox: row.outbox_dead > 0,
  };
  return {
    checkedAt: now,
    problems: PROBLEMS.filter((problem) => found[problem]),
    pendingMigrations,
    inbox: { pending: row.inbox_pending, oldestPendingAt: row.inbox_oldest, dead: row.inbox_dead },
    outbox: {
      pending: row.outbox_pending,
      oldestPendingAt: row.outbox_oldest,
      dead: row.outbox_dead,
    },
    lastRunFinishedAt: row.run_finished,
    lastReconciledAt: row.reconciled,
    driftedUsers: drifted,
  };
}

function isOlder(at: Date | null, limitMs: number, now: Date): boolean {
  return at !== null && now.getTime() - at.getTime() > limitMs;
}
