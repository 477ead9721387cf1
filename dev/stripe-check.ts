import { openOperatorDatabase } from "./operator/operator-database";
import { completeEnvironment } from "./operator/operator-environment";

/**
 * `npm run stripe:check`: compares the current price of every item at Stripe with the catalogue, and the
 * wallets that pricing names (`STRIPE_WALLETS`) with those that the account offers. Prints the differences,
 * and exits 1 if there are any. Changes nothing.
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
  const { env } = await import("@/env");
  const { checkPrices, describeMismatch } = await import("@/billing/stripe/check-prices");
  const { checkWallets, describeWalletMismatch } = await import("@/billing/stripe/check-wallets");
  try {
    const prices = await checkPrices(billingDeps);
    for (const mismatch of prices) console.error(describeMismatch(mismatch));
    if (prices.length === 0) console.log("Stripe's prices agree with the catalogue.");
    const wallets = await checkWallets(billingDeps, { named: env.STRIPE_WALLETS });
    for (const mismatch of wallets) console.error(describeWalletMismatch(mismatch));
    if (wallets.length === 0) console.log("The account offers the wallets that pricing names.");
    return prices.length === 0 && wallets.length === 0;
  } finally {
    await billingDeps.db.$client.end({ timeout: 5 });
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
