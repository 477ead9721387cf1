import { billing } from "@/billing/billing";
import type { Billing } from "@/billing/context";
import { sendAlert } from "./send-alert";

/** The application's billing, which tells the people who run the site of every dead letter. */
export const alertingBilling: Billing = {
  ...billing,
  alert: (alert) => sendAlert(billing.db, { ...alert, now: billing.clock() }),
};
