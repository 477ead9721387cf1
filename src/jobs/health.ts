import { subDays, subHours } from "date-fns";
import { lt, sql } from "drizzle-orm";
import { z } from "zod";
import { REIMBURSEMENT_DAYS } from "@/billing/consumer-rights/withdrawal-rules";
import { catalog } from "@/catalog/catalog";
import type { Executor } from "@/db/client";
import { countSome } from "@/db/count-some";
import { withdrawal } from "@/db/schema";

/** A day, plus two hours because schedulers are not punctual. */
const RUN_OVERDUE_HOURS = 26;
/** Two missed nightly reconciliations, plus two hours. */
const RECONCILE_OVERDUE_HOURS = 50;
/** Two missed nightly backfills, plus two hours. */
const BACKFILL_OVERDUE_HOURS = 50;
/** Three missed calls of a scheduler that calls the tick every five minutes. */
const TICK_OVERDUE_MINUTES = 15;
/** A scheduler that has not called for so long was removed on purpose. */
const TICK_FORGOTTEN_DAYS = 7;
/** Captures that could not charge everything are reported for this long. */
const UNBILLED_HOURS = 24;
/** Anything pending for this long is stuck. */
const STUCK_AFTER_HOURS = 1;

/** In order of severity. Only `migrations_pending` means that the site is unusable. */
export const PROBLEMS = [
  "migrations_pending",
  "functions_outdated",
  "books_drifted",
  "accounts_frozen",
  "daily_run_missed",
  "tick_missed",
  "books_not_reconciled",
  "distribution_failing",
  "events_incomplete",
  "inbox_stuck",
  "outbox_stuck",
  "dead_events",
  "dead_outbox",
  "money_owed",
  "withdrawals_overdue",
  "credits_unbilled",
] as const;
export type Problem = (typeof PROBLEMS)[number];

/** Counts stop at `COUNT_LIMIT` + 1. */
export interface Queue {
  readonly pending: number;
  /**
   * When the oldest pending row became due. A failed event counts from its first attempt, because
   * money depends on it; a failed outbox entry from its next attempt, so that a bouncing address does
   * not look like an email outage.
   */
  readonly waitingSinceAt: Date | null;
  /** Dead letters, which need an admin. */
  readonly dead: number;
}

export interface LastRun {
  readonly finishedAt: Date;
  /** Users for whom the run failed. */
  readonly failedUsers: number;
}

export interface Health {
  readonly checkedAt: Date;
  readonly problems: readonly Problem[];
  readonly pendingMigrations: number;
  /** Whether the SQL functions are those of this build; null if the build does not know its own. */
  readonly functionsCurrent: boolean | null;
  /** Stripe's events. */
  readonly inbox: Queue;
  /** The inbox holds every event until then; null before the first backfill. */
  readonly eventsCompleteUntilAt: Date | null;
  /** Emails, Stripe calls and alerts. Webhooks depend on others' servers, and are pending at most. */
  readonly outbox: Queue;
  /** The last distribution run that finished. */
  readonly lastRun: LastRun | null;
  /** The last call of `/api/jobs/tick`; null if there was none. */
  readonly lastTickAt: Date | null;
  /** Users for whom the distribution fails at present. */
  readonly failingUsers: number;
  readonly lastReconciledAt: Date | null;
  /** Of the last reconciliation. */
  readonly driftedUsers: number;
  readonly frozenAccounts: number;
  /** Refused payments whose refund failed and was not replaced. */
  readonly owedPayments: number;
  /** Statements of withdrawal that are open after the legal period for the refund. */
  readonly overdueWithdrawals: number;
  /** Captures of the last 24 hours that could not charge everything, without `cappedCaptures`. */
  readonly unbilledCaptures: number;
  /** Captures that stopped at their hold because the overrun policy is `cap`. Not a problem. */
  readonly cappedCaptures: number;
}

/** What this build expects of its database. */
export interface Expected {
  readonly now: Date;
  /** The entries of `drizzle/meta/_journal.json`. */
  readonly migrations: readonly { readonly when: number }[];
  /** As computed by `readFunctionSet`; null if unknown. */
  readonly functionSet: string | null;
}

/**
 * Reads the health of the site in one round trip. Its cost does not grow with the tables. Throws the
 * database's error if it does not respond.
 */
export async function readHealth(db: Executor, expected: Expected): Promise<Health> {
  const unbilled = sql`credit_unbilled
    where "at" > ${subHours(expected.now, UNBILLED_HOURS).toISOString()}::timestamptz`;
  const isCapped = sql`overrun = 'cap' and reason = 'overrun_policy'`;
  const refundIsOverdue = lt(withdrawal.submittedAt, subDays(expected.now, REIMBURSEMENT_DAYS));
  const [row] = await db.execute(sql`
    select
      (select max(created_at) from drizzle.__drizzle_migrations) as migrated_to,
      (select set_hash from installed_function_set) as function_set,
      inbox.*, outbox.*, dead_events.*, dead_outbox.*, failing.*, frozen.*, owed.*, overdue.*, unbilled.*, run.*,
      books.*, tick.*,
      (select complete_until_at from stripe_backfill) as events_complete,
      (select min(created_at) from "user") as first_user_at
    from
      (select ${countSome(sql`stripe_event where status = 'pending'`)} as inbox_pending,
        (select min(coalesce(first_attempt_at, next_attempt_at)) from stripe_event
          where status = 'pending') as inbox_since) inbox,
      (select ${countSome(sql`outbox where status = 'pending'`)} as outbox_pending, (
        select min(since) from unnest(enum_range(null, 'alert'::outbox_kind)) of_kind
        cross join lateral (select min(next_attempt_at) as since from outbox
          where status = 'pending' and kind = of_kind) waits) as outbox_since) outbox,
      (select ${countSome(sql`stripe_event where status = 'dead'`)} as inbox_dead) dead_events,
      (select ${countSome(sql`outbox where status = 'dead' and kind <> 'webhook'`)} as outbox_dead) dead_outbox,
      (select ${countSome(sql`distribution_failure`)} as failing) failing,
      (select ${countSome(sql`credit_account where frozen_at is not null`)} as frozen) frozen,
      (select ${countSome(sql`payment where owed_cents > 0`)} as owed) owed,
      (select ${countSome(sql`withdrawal where status = 'open' and ${refundIsOverdue}`)} as overdue) overdue,
      (select ${countSome(sql`${unbilled} and not (${isCapped})`)} as unbilled,
        ${countSome(sql`${unbilled} and ${isCapped}`)} as capped) unbilled
    left join lateral (select finished_at as run_finished, error_count as run_failed
      from distribution_run where status = 'done' order by started_at desc limit 1) run on true
    left join lateral (select last_at as ticked,
        regular_at > now() - ${TICK_FORGOTTEN_DAYS} * interval '1 day'
        and last_at < now() - ${TICK_OVERDUE_MINUTES} * interval '1 minute' as tick_overdue
      from tick_calls) tick on true
    left join lateral (select started_at as reconciled, cardinality(drifted_users) as drifted
      from reconciliation where finished_at is not null order by started_at desc limit 1) books on true`);
  return assess(healthRow.parse(row), expected);
}

const count = z.coerce.number();
const instant = z.coerce.date().nullable();
const healthRow = z.object({
  /** Milliseconds, as Drizzle stores them; null before the first migration. */
  migrated_to: count.nullable(),
  function_set: z.string().nullable(),
  inbox_pending: count,
  inbox_since: instant,
  inbox_dead: count,
  events_complete: instant,
  outbox_pending: count,
  outbox_since: instant,
  outbox_dead: count,
  failing: count,
  frozen: count,
  owed: count,
  overdue: count,
  unbilled: count,
  capped: count,
  run_finished: instant,
  run_failed: count.nullable(),
  reconciled: instant,
  drifted: count.nullable(),
  first_user_at: instant,
  ticked: instant,
  /** Null if no scheduler has ever called the tick regularly. */
  tick_overdue: z.boolean().nullable(),
});
type HealthRow = z.output<typeof healthRow>;

function assess(row: HealthRow, { now, migrations, functionSet }: Expected): Health {
  const appliedTo = row.migrated_to ?? 0;
  const pendingMigrations = migrations.filter(({ when }) => when > appliedTo).length;
  const functionsCurrent = functionSet === null ? null : functionSet === row.function_set;
  const drifted = row.drifted ?? 0;
  // Before the first run, overdue counts from the first user.
  const since = (finishedAt: Date | null) => finishedAt ?? row.first_user_at;
  const hasProblem: Readonly<Record<Problem, boolean>> = {
    migrations_pending: pendingMigrations > 0,
    functions_outdated: functionsCurrent === false,
    books_drifted: drifted > 0,
    accounts_frozen: row.frozen > 0,
    daily_run_missed: isOlder(since(row.run_finished), RUN_OVERDUE_HOURS, now),
    tick_missed: row.tick_overdue === true,
    books_not_reconciled: isOlder(since(row.reconciled), RECONCILE_OVERDUE_HOURS, now),
    distribution_failing: row.failing > 0,
    events_incomplete: isOlder(since(row.events_complete), BACKFILL_OVERDUE_HOURS, now),
    inbox_stuck: isOlder(row.inbox_since, STUCK_AFTER_HOURS, now),
    outbox_stuck: isOlder(row.outbox_since, STUCK_AFTER_HOURS, now),
    dead_events: row.inbox_dead > 0,
    dead_outbox: row.outbox_dead > 0,
    money_owed: row.owed > 0,
    // The console has no page for them if the catalogue offers no withdrawal.
    withdrawals_overdue: catalog.consumerRights !== null && row.overdue > 0,
    credits_unbilled: row.unbilled > 0,
  };
  return {
    checkedAt: now,
    problems: PROBLEMS.filter((problem) => hasProblem[problem]),
    pendingMigrations,
    functionsCurrent,
    inbox: { pending: row.inbox_pending, waitingSinceAt: row.inbox_since, dead: row.inbox_dead },
    eventsCompleteUntilAt: row.events_complete,
    outbox: {
      pending: row.outbox_pending,
      waitingSinceAt: row.outbox_since,
      dead: row.outbox_dead,
    },
    lastRun:
      row.run_finished === null
        ? null
        : { finishedAt: row.run_finished, failedUsers: row.run_failed ?? 0 },
    lastTickAt: row.ticked,
    failingUsers: row.failing,
    lastReconciledAt: row.reconciled,
    driftedUsers: drifted,
    frozenAccounts: row.frozen,
    owedPayments: row.owed,
    overdueWithdrawals: row.overdue,
    unbilledCaptures: row.unbilled,
    cappedCaptures: row.capped,
  };
}

/** Seconds for which the oldest pending row has been due; 0 if none is due. */
export function lagSeconds({ waitingSinceAt }: Queue, now: Date): number {
  if (waitingSinceAt === null) return 0;
  return Math.max(0, Math.floor((now.getTime() - waitingSinceAt.getTime()) / 1000));
}

function isOlder(at: Date | null, hours: number, now: Date): boolean {
  return at !== null && at < subHours(now, hours);
}
