import { type Reconciliation, reconcileBooks } from "@/ledger/reconcile";
import { now } from "@/lib/clock";
import { openOperatorDatabase } from "./operator/operator-database";
import { sendAlertsOfFindings } from "./operator/send-alerts-of-findings";

/** `npm run reconcile`: recomputes the books of every user. Exits 1 and alerts if any have drifted. */
async function main(): Promise<void> {
  const database = await openOperatorDatabase();
  try {
    const deadlineMs = Number.POSITIVE_INFINITY;
    const found = await reconcileBooks(database.db, { now: now(), deadlineMs });
    report(found);
    if (found.driftedUsers.length > 0) {
      process.exitCode = 1;
      await sendAlertsOfFindings(database);
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
