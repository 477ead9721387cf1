import { distributionRun } from "@/ledger/distribution/schema";
import { reconciliation } from "@/ledger/schema";
import type { TestDatabase } from "../support/database";

/** Everything as it should be at `now`: run and reconciled today, nothing waits or was given up. */
export async function wellRun({ db, ownerSql }: TestDatabase, now: Date): Promise<void> {
  await ownerSql`truncate distribution_run, reconciliation, stripe_event, outbox, alert_sent,
    nightly_work, distribution_failure`;
  await ownerSql`update credit_account set frozen_at = null`;
  const at = new Date(now.getTime() - 3 * 3_600_000);
  const run = { status: "done", asOf: at, startedAt: at, updatedAt: at, finishedAt: at } as const;
  await db.insert(distributionRun).values(run);
  await db.insert(reconciliation).values({ startedAt: at, finishedAt: at });
}
