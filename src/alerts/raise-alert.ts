import type { BillingAlert, BillingDeps } from "@/billing/deps";
import { logger } from "@/lib/logger";

/**
 * Tells the people who run the site, by whatever `billing.alert` is; without one by the log alone.
 * Never throws: an alert that can't be sent must not fail what raised it.
 */
export async function raiseAlert(billing: BillingDeps, alert: BillingAlert): Promise<void> {
  if (billing.alert === undefined) {
    logger.error({ alert: alert.key, ...alert.facts }, alert.subject);
    return;
  }
  try {
    await billing.alert(alert);
  } catch (error) {
    logger.error({ alert: alert.key, ...alert.facts, err: error }, alert.subject);
  }
}
