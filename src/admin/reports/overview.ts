import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Database, Executor } from "@/db/client";
import { countSome } from "@/db/count-some";
import { lastReconciliation, runningReconciliation } from "@/ledger/reconcile";
import { type Flows, flowsOf } from "@/ledger/reports/flows";
import { latestOutstanding } from "@/ledger/reports/outstanding";
import { type Period, wholeDays } from "@/lib/utc-period";
import { readLatestRun } from "../distribution/runs";
import { sumByType } from "./months";
import { readRevenue } from "./sales";

/** Numbers of days that the overview can cover. */
export const OVERVIEW_DAYS = ["1", "7", "30", "90"] as const;
export const overviewQuery = z.object({ days: z.enum(OVERVIEW_DAYS).catch("30") });

/**
 * The reads of the overview by card, so that the page streams each card as soon as its read is
 * done. The period is the `days` whole UTC days up to the day of `at`.
 */
export function overviewReads(db: Database, { days, at }: { days: number; at: Date }) {
  const period = wholeDays(at, days);
  return {
    outstanding: () => latestOutstanding(db, at),
    flows: () => readFlows(db, { period, at }),
    revenue: () => readRevenue(db, period),
    books: () =>
      Promise.all([lastReconciliation(db), runningReconciliation(db), readLatestRun(db)]),
    queues: () => readQueues(db),
  };
}
export type OverviewReads = ReturnType<typeof overviewReads>;

/** Credits by kind of flow in a period, as of `at`. */
export async function readFlows(
  reader: Executor,
  { period, at }: { period: Period; at: Date },
): Promise<Flows> {
  return flowsOf(await sumByType(reader, { period, at }));
}

const queues = z.object({
  deadEvents: z.number(),
  pendingEvents: z.number(),
  deadOutbox: z.number(),
  pendingEmails: z.number(),
  pendingCalls: z.number(),
});
/** Counts of at most `COUNT_LIMIT` + 1 each. */
export type Queues = z.output<typeof queues>;

/** Pending and dead entries of the inbox and the outbox. */
export async function readQueues(reader: Executor): Promise<Queues> {
  const [row] = await reader.execute(sql`
    select ${countSome(sql`stripe_event where status = 'dead'`)} as "deadEvents",
      ${countSome(sql`stripe_event where status = 'pending'`)} as "pendingEvents",
      ${countSome(sql`outbox where status = 'dead'`)} as "deadOutbox",
      ${countSome(sql`outbox where status = 'pending' and kind = 'email'`)} as "pendingEmails",
      ${countSome(sql`outbox where status = 'pending' and kind = 'stripe'`)} as "pendingCalls"`);
  return queues.parse(row);
}
