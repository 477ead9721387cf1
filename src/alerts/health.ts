import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Executor } from "@/db/client";
import { countSome } from "@/db/count-some";

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
  "functions_outdated",
  "books_drifted",
  "accounts_frozen",
  "daily_run_missed",
  "books_not_reconciled",
  "distribution_failing",
  "inbox_stuck",
  "outbox_stuck",
  "dead_events",
  "dead_outbox",
] as const;
export type Problem = (typeof PROBLEMS)[number];

/** Counts of rows go up to one more than `COUNT_LIMIT`. */
export interface Queue {
  readonly pending: number;
  /**
   * Since when the one that has waited longest is due. Events that failed count from their first
   * attempt, as money hangs on them; entries of the outbox that failed count from their next one, so
   * that one address that bounces does not look like a mail service that is down.
   */
  readonly waitingSinceAt: Date | null;
  /** Given up; an admin has to look. */
  readonly dead: number;
}

export interface LastRun {
  readonly finishedAt: Date;
  /** Users whom it could not serve. */
  readonly failedUsers: number;
}

export interface Health {
  readonly checkedAt: Date;
  readonly problems: readonly Problem[];
  readonly pendingMigrations: number;
  /** Whether the SQL functions are those of this build; null where the build does not know its own. */
  readonly functionsCurrent: boolean | null;
  /** Stripe's events. */
  readonly inbox: Queue;
  /** E-mails to be sent, calls to be made to Stripe, alerts. */
  readonly outbox: Queue;
  /** The last distribution that ran to its end. */
  readonly lastRun: LastRun | null;
  /** Users whom the distribution could not serve and who are still owed something. */
  readonly failingUsers: number;
  readonly lastReconciledAt: Date | null;
  /** Of the last reconciliation. */
  readonly driftedUsers: number;
  readonly frozenAccounts: number;
}

/** What this build expects of its database. */
export interface Expected {
  readonly now: Date;
  /** When each migration that this code knows was made, as the journal of migrations has it. */
  readonly migrations: readonly { readonly when: number }[];
  /** As `readFunctionSet` computes it; null: not known. */
  readonly functionSet: string | null;
}

/**
 * How the site is, in one round trip that reads a few rows through their indexes, however large the
 * tables are. Throws what the database throws when it does not answer.
 */
export async function readHealth(reader: Executor, expected: Expected): Promise<Health> {
  const [row] = await reader.execute(sql`
    select
      (select max(created_at) from drizzle.__drizzle_migrations) as migrated_to,
      (select set_hash from installed_function_set) as function_set,
      inbox.*, outbox.*, dead_events.*, dead_outbox.*, failing.*, frozen.*, run.*, books.*,
      (select min(created_at) from "user") as first_user_at
    from
      (select ${countSome(sql`stripe_event where status = 'pending'`)} as inbox_pending,
        (select min(coalesce(first_attempt_at, next_attempt_at)) from stripe_event
          where status = 'pending') as inbox_since) inbox,
      (select ${countSome(sql`outbox where status = 'pending'`)} as outbox_pending, (
        select min(since) from unnest(enum_range(null::outbox_kind)) of_kind
        cross join lateral (select min(next_attempt_at) as since from outbox
          where status = 'pending' and kind = of_kind) waits) as outbox_since) outbox,
      (select ${countSome(sql`stripe_event where status = 'dead'`)} as inbox_dead) dead_events,
      (select ${countSome(sql`outbox where status = 'dead'`)} as outbox_dead) dead_outbox,
      (select ${countSome(sql`distribution_failure`)} as failing) failing,
      (select ${countSome(sql`credit_account where frozen_at is not null`)} as frozen) frozen
    left join lateral (select finished_at as run_finished, error_count as run_failed
      from distribution_run where status = 'done' order by started_at desc limit 1) run on true
    left join lateral (select started_at as reconciled, cardinality(drifted_users) as drifted
      from reconciliation where finished_at is not null order by started_at desc limit 1) books on true`);
  return judge(facts.parse(row), expected);
}

const figure = z.coerce.number();
const instant = z.coerce.date().nullable();
const facts = z.object({
  /** Milliseconds, as Drizzle writes them; null before the first migration. */
  migrated_to: figure.nullable(),
  function_set: z.string().nullable(),
  inbox_pending: figure,
  inbox_since: instant,
  inbox_dead: figure,
  outbox_pending: figure,
  outbox_since: instant,
  outbox_dead: figure,
  failing: figure,
  frozen: figure,
  run_finished: instant,
  run_failed: figure.nullable(),
  reconciled: instant,
  drifted: figure.nullable(),
  first_user_at: instant,
});
type Facts = z.output<typeof facts>;

function judge(row: Facts, { now, migrations, functionSet }: Expected): Health {
  const appliedTo = row.migrated_to ?? 0;
  const pendingMigrations = migrations.filter(({ when }) => when > appliedTo).length;
  const functionsCurrent = functionSet === null ? null : functionSet === row.function_set;
  const drifted = row.drifted ?? 0;
  // Where nothing ever ran, it should have since the first user came.
  const since = (done: Date | null) => done ?? row.first_user_at;
  const found: Readonly<Record<Problem, boolean>> = {
    migrations_pending: pendingMigrations > 0,
    functions_outdated: functionsCurrent === false,
    books_drifted: drifted > 0,
    accounts_frozen: row.frozen > 0,
    daily_run_missed: isOlder(since(row.run_finished), RUN_EVERY_MS, now),
    books_not_reconciled: isOlder(since(row.reconciled), RECONCILE_EVERY_MS, now),
    distribution_failing: row.failing > 0,
    inbox_stuck: isOlder(row.inbox_since, STUCK_AFTER_MS, now),
    outbox_stuck: isOlder(row.outbox_since, STUCK_AFTER_MS, now),
    dead_events: row.inbox_dead > 0,
    dead_outbox: row.outbox_dead > 0,
  };
  return {
    checkedAt: now,
    problems: PROBLEMS.filter((problem) => found[problem]),
    pendingMigrations,
    functionsCurrent,
    inbox: { pending: row.inbox_pending, waitingSinceAt: row.inbox_since, dead: row.inbox_dead },
    outbox: {
      pending: row.outbox_pending,
      waitingSinceAt: row.outbox_since,
      dead: row.outbox_dead,
    },
    lastRun:
      row.run_finished === null
        ? null
        : { finishedAt: row.run_finished, failedUsers: row.run_failed ?? 0 },
    failingUsers: row.failing,
    lastReconciledAt: row.reconciled,
    driftedUsers: drifted,
    frozenAccounts: row.frozen,
  };
}

/** Seconds for which the one that has waited longest has been due; 0 if none is. */
export function lagSeconds({ waitingSinceAt }: Queue, now: Date): number {
  if (waitingSinceAt === null) return 0;
  return Math.max(0, Math.floor((now.getTime() - waitingSinceAt.getTime()) / 1000));
}

function isOlder(at: Date | null, limitMs: number, now: Date): boolean {
  return at !== null && now.getTime() - at.getTime() > limitMs;
}
