import { openOperatorDatabase } from "./operator/operator-database";
import { completeEnvironment } from "./operator/operator-environment";

/**
 * `npm run stripe:check`: compares the current price of every item at Stripe with the catalogue.
 * Prints the differences, and exits 1 if there are any. Changes nothing.
 */
async function main(): Promise<void> {
  const database = await openOperatorDatabase();
  try {
    await completeEnvironment(database.url, { needsStripe: true });
    if (!(await check())) process.exitCode = 1;
  } finally {
    await database.close();
  }
}

/** Returns whether everything agrees. */
async function check(): Promise<boolean> {
  // Imported late, because the application reads its environment on import.
  const { billingDeps } = await import("@/billing/deps");
  const { checkPrices, describeMismatch } = await import("@/billing/stripe/check-prices");
  try {
    const mismatches = await checkPrices(billingDeps);
    for (const mismatch of mismatches) console.error(describeMismatch(mismatch));
    if (mismatches.length === 0) console.log("Stripe's prices agree with the catalogue.");
    return mismatches.length === 0;
  } finally {
    await billingDeps.db.$client.end({ timeout: 5 });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
