import { subHours } from "date-fns";
import { stripeBackfill } from "@/db/schema";
import { distributionRun } from "@/ledger/distribution/schema";
import { reconciliation } from "@/ledger/schema";
import type { TestDatabase } from "../support/database";

/** Makes the site healthy at `now`: distributed and reconciled and backfilled today, nothing pending or dead. */
export async function makeHealthy({ db, ownerSql }: TestDatabase, now: Date): Promise<void> {
  await ownerSql`truncate distribution_run, reconciliation, stripe_event, outbox, alert_sent,
    nightly_work, tick_calls, distribution_failure, stripe_backfill, withdrawal`;
  await ownerSql`update credit_account set frozen_at = null`;
  const at = subHours(now, 3);
  const run = { status: "done", asOf: at, startedAt: at, updatedAt: at, finishedAt: at } as const;
  await db.insert(distributionRun).values(run);
  await db.insert(reconciliation).values({ startedAt: at, finishedAt: at });
  await db.insert(stripeBackfill).values({ completeUntilAt: at });
}
