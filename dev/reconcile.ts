import { reconcileBooks } from "@/credits/reconcile";
import { now } from "@/lib/clock";
import { openOperatorDatabase } from "./operator-database";

/** `npm run reconcile`: recomputes the books of every user. Exits 1 when any has drifted. */
async function main(): Promise<void> {
  const { db, close } = await openOperatorDatabase();
  try {
    const found = await reconcileBooks(db, { now: now() });
    console.log(`${found.usersChecked} users checked, ${found.driftedUsers.length} drifted.`);
    for (const userId of found.driftedUsers) {
      console.log(`  ${userId}: spending is frozen; see /admin/users/${userId}`);
    }
    if (found.driftedUsers.length > 0) process.exitCode = 1;
  } finally {
    await close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
