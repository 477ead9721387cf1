import { sendAlert } from "@/alerts/send-alert";
import { billing } from "@/billing/billing";
import type { BillingDeps } from "@/billing/deps";
import { dayName } from "@/lib/utc-period";

/**
 * The application's billing, which tells the people who run the site of every dead letter: each once
 * a day, so that what dies again after a replay is told again.
 */
export const alertingBilling: BillingDeps = {
  ...billing,
  alert: (alert) => {
    const now = billing.clock();
    return sendAlert(billing.db, { ...alert, key: `${alert.key}:${dayName(now)}`, now });
  },
};
