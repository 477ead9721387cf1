import type { Database } from "@/db/client";
import { lastReconciliation, runningReconciliation } from "@/ledger/reconcile";
import { latestOutstanding } from "@/ledger/reports/outstanding";
import { wholeDays } from "@/lib/utc-period";
import { readLatestRun } from "../distribution/runs";
import { readFlows, readQueues, readRevenue } from "./overview";

/**
 * What the overview reads, card by card: the page shows each as soon as it is there, and the
 * benchmark runs all of them. The period is the `days` whole UTC days up to the one of `at`.
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
