import { and, desc, gte, lt, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { outbox, payment, stripeEvent } from "@/db/schema";
import { statusIs } from "./events";
import { addFlow, type Flows, NO_FLOWS } from "./flows";
import { sumByType } from "./reports";

export interface Outstanding {
  /** What all users together could spend at the instant; debts are not set off against it. */
  readonly available: number;
  readonly held: number;
  readonly debt: number;
}

/**
 * What users hold at `at`, by the same rule as every balance: what has expired or lapsed counts as
 * such, booked or not. Accounts are summed as booked and corrected by their expired lots; the few with
 * a lapsed hold are asked one by one. Reads every account once (a million: some 0.2 s).
 */
export async function readOutstanding(reader: Reader, at: Date): Promise<Outstanding> {
  const instant = sql`${at.toISOString()}::timestamptz`;
  const [row] = await reader.execute<{ available: string; held: string; debt: string }>(sql`
    with lapsed as materialized (
      select distinct user_id from credit_hold where status = 'open' and expires_at <= ${instant}
    ), booked as (
      select coalesce(sum(balance + debt), 0) as available, coalesce(sum(held), 0) as held,
        coalesce(sum(debt), 0) as debt
      from credit_account where user_id not in (select user_id from lapsed)
    ), expired as (
      select coalesce(sum(remaining), 0) as credits from credit_lot
      where is_open and expires_at is not null and expires_at <= ${instant}
        and user_id not in (select user_id from lapsed)
    ), asked as (
      select coalesce(sum(b.available + b.debt), 0) as available, coalesce(sum(b.held), 0) as held,
        coalesce(sum(b.debt), 0) as debt
      from lapsed cross join lateral credits_balance(lapsed.user_id, ${instant}) b
    )
    select booked.available - expired.credits + asked.available as available,
      booked.held + asked.held as held, booked.debt + asked.debt as debt
    from booked, expired, asked`);
  if (row === undefined) throw new Error("The outstanding credits could not be summed.");
  return {
    available: Number(row.available),
    held: Number(row.held),
    debt: Number(row.debt),
  };
}

export interface Period {
  readonly from: Date;
  readonly to: Date;
}

/** What was granted, spent, expired and taken back with effect in a period. */
export async function readFlows(reader: Reader, period: Period): Promise<Flows> {
  const totals = await sumByType(reader, period);
  return totals.reduce(
    (flows, { type, creditsIn, creditsOut }) =>
      addFlow(addFlow(flows, type, creditsIn), type, creditsOut),
    NO_FLOWS,
  );
}

export interface Revenue {
  readonly currency: string;
  readonly payments: number;
  readonly amountCents: number;
  /** Of these payments, whenever it was refunded. */
  readonly refundedCents: number;
}

/** What was paid in a period, a currency each. */
export async function readRevenue(reader: Reader, { from, to }: Period): Promise<Revenue[]> {
  const rows = await reader
    .select({
      currency: payment.currency,
      payments: sql<string>`count(*)`,
      amountCents: sql<string>`sum(${payment.amountCents})`,
      refundedCents: sql<string>`sum(${payment.refundedCents})`,
    })
    .from(payment)
    .where(and(gte(payment.paidAt, from), lt(payment.paidAt, to)))
    .groupBy(payment.currency)
    .orderBy(desc(sql`sum(${payment.amountCents})`));
  return rows.map((row) => ({
    currency: row.currency,
    payments: Number(row.payments),
    amountCents: Number(row.amountCents),
    refundedCents: Number(row.refundedCents),
  }));
}

export interface Queues {
  readonly deadEvents: number;
  readonly pendingEvents: number;
  readonly deadOutbox: number;
  readonly pendingEmails: number;
  readonly pendingCalls: number;
}

/** What waits and what was given up. */
export async function readQueues(reader: Reader): Promise<Queues> {
  const waits = sql`${outbox.status} = 'pending'`;
  const [deadEvents, pendingEvents, deadOutbox, pendingEmails, pendingCalls] = await Promise.all([
    reader.$count(stripeEvent, statusIs("dead")),
    reader.$count(stripeEvent, statusIs("pending")),
    reader.$count(outbox, sql`${outbox.status} = 'dead'`),
    reader.$count(outbox, sql`${waits} and ${outbox.kind} = 'email'`),
    reader.$count(outbox, sql`${waits} and ${outbox.kind} = 'stripe'`),
  ]);
  return { deadEvents, pendingEvents, deadOutbox, pendingEmails, pendingCalls };
}
