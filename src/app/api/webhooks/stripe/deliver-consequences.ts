import { deliverStripeCalls } from "@/billing/deliver-stripe-calls";
import { deliverDueEmails } from "@/emails/deliver";
import { alertingBilling } from "@/jobs/alerting-billing";
import { now } from "@/lib/clock";
import { logger } from "@/lib/logger";

let running: Promise<void> | null = null;
let isWanted = false;

/**
 * Delivers what events have caused: mails, and calls to Stripe. However many ask at once, one run is
 * under way in this process, and at most one more follows it, which takes whatever came meanwhile.
 * Never throws: what fails waits for the job.
 */
export function deliverConsequences(): Promise<void> {
  isWanted = true;
  running ??= runWhileWanted();
  return running;
}

async function runWhileWanted(): Promise<void> {
  while (isWanted) {
    isWanted = false;
    try {
      await deliverStripeCalls(alertingBilling);
      await deliverDueEmails(alertingBilling.db, now());
    } catch (error) {
      logger.error({ err: error }, "delivering what events had caused failed");
    }
  }
  // In the same breath as the last look at `isWanted`, so that nobody joins a run that has ended.
  running = null;
}
