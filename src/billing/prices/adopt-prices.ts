import { ITEMS } from "@/catalog/items";
import { logger } from "@/lib/logger";
import { billingDeps } from "../deps";
import { reportPriceMismatches } from "../stripe/check-prices";

/**
 * Stores the terms of the prices that are sold, and of those that variables of earlier versions name.
 * An outage does not stop the start: a price is also adopted when it is first used. With `check`, a
 * wrong price raises an alert, in the background.
 */
export async function adoptPrices({ check }: { check: boolean }): Promise<void> {
  try {
    await billingDeps.prices.adoptAll(ITEMS);
  } catch (error) {
    logger.error({ err: error }, "the prices at Stripe were not adopted at start");
  }
  if (check) void reportPriceMismatches(billingDeps);
}
