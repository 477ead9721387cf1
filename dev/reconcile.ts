import { type Reconciliation, reconcileBooks } from "@/ledger/reconcile";
import { now } from "@/lib/clock";
import { openOperatorDatabase } from "./operator/operator-database";
import { tellOfFindings } from "./operator/tell-of-findings";

/** `npm run reconcile`: recomputes the books of every user. Exits 1 and alerts when any has drifted. */
async function main(): Promise<void> {
  const database = await openOperatorDatabase();
  try {
    const deadlineMs = Number.POSITIVE_INFINITY;
    const found = await reconcileBooks(database.db, { now: now(), deadlineMs });
    report(found);
    if (found.driftedUsers.length > 0) {
      process.exitCode = 1;
      await tellOfFindings(database);
    }
  } finally {
    await database.close();
  }
}

function report({ usersChecked, driftedUsers }: Reconciliation): void {
  console.log(`${usersChecked} users checked, ${driftedUsers.length} drifted.`);
  for (const userId of driftedUsers) {
    console.log(`  ${userId}: spending is frozen; see /admin/users/${userId}`);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
