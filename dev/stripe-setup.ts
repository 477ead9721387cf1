import { existsSync } from "node:fs";
import { createStripe } from "@/integrations/create-stripe";
import { setUpStripe } from "./stripe-setup/set-up-stripe";

/**
 * `npm run stripe:setup`: prepares the Stripe account of STRIPE_SECRET_KEY for the site at APP_URL and
 * prints the variable to set. Both may come from `.env`. `--dry-run` only prints the differences.
 */
async function main(): Promise<void> {
  if (existsSync(".env")) process.loadEnvFile(".env");
  const secretKey = process.env.STRIPE_SECRET_KEY;
  const appUrl = process.env.APP_URL?.replace(/\/$/, "");
  if (!secretKey || !appUrl) {
    throw new Error("Set STRIPE_SECRET_KEY and APP_URL (in the environment or in .env).");
  }
  const stripe = createStripe({ secretKey, apiBase: process.env.STRIPE_API_BASE || undefined });
  const dryRun = process.argv.includes("--dry-run");
  const lines = await setUpStripe(stripe, { appUrl, dryRun, print: console.log });
  if (dryRun) return console.log("\nNothing was changed.");
  console.log(`\nStripe is ready. Set this:\n\n${lines.join("\n")}\n`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
