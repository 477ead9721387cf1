import { and, desc, gte, lt, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { outbox, payment, stripeEvent } from "@/db/schema";
import { statusIs } from "./events";
import { addFlow, type Flows, NO_FLOWS } from "./flows";
import { sumByType } from "./reports";

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
