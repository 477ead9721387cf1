import { and, count, desc, gte, lt, type SQL, sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import { type Flows, flowsOf } from "@/credits/flows";
import type { Reader } from "@/db/client";
import { outbox, payment, stripeEvent } from "@/db/schema";
import type { Period } from "@/lib/utc-period";
import { isEnum } from "./is-enum";
import { sumByType } from "./reports";

/** How credits came and went with effect in a period, true at `at`. */
export async function readFlows(
  reader: Reader,
  { period, at }: { period: Period; at: Date },
): Promise<Flows> {
  return flowsOf(await sumByType(reader, { period, at }));
}

export interface Revenue {
  readonly currency: string;
  readonly payments: number;
  readonly amountCents: number;
  /** Of these payments, whenever it was refunded. */
  readonly refundedCents: number;
  /** Held back by open disputes or taken by lost ones. */
  readonly disputedCents: number;
}

/** What was paid in a period, a currency each. */
export async function readRevenue(reader: Reader, { from, to }: Period): Promise<Revenue[]> {
  const rows = await reader
    .select({
      currency: payment.currency,
      payments: sql<string>`count(*)`,
      amountCents: sql<string>`sum(${payment.amountCents})`,
      refundedCents: sql<string>`sum(${payment.refundedCents})`,
      disputedCents: sql<string>`sum(${payment.disputedCents})`,
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
    disputedCents: Number(row.disputedCents),
  }));
}

/** Up to so many are counted; what is more is shown as "more than". */
export const MOST_COUNTED = 10_000;

/** Each a count, at most one more than `MOST_COUNTED`. */
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
    countSome(reader, stripeEvent, isEnum(stripeEvent.status, "dead")),
    countSome(reader, stripeEvent, isEnum(stripeEvent.status, "pending")),
    countSome(reader, outbox, sql`${outbox.status} = 'dead'`),
    countSome(reader, outbox, sql`${waits} and ${outbox.kind} = 'email'`),
    countSome(reader, outbox, sql`${waits} and ${outbox.kind} = 'stripe'`),
  ]);
  return { deadEvents, pendingEvents, deadOutbox, pendingEmails, pendingCalls };
}

/** Stops as soon as there are more than `MOST_COUNTED`: an outage of the mail service fills the queue. */
async function countSome(reader: Reader, table: PgTable, condition: SQL): Promise<number> {
  const some = reader
    .select({ one: sql`1`.as("one") })
    .from(table)
    .where(condition)
    .limit(MOST_COUNTED + 1)
    .as("some");
  const [row] = await reader.select({ count: count() }).from(some);
  return row?.count ?? 0;
}
