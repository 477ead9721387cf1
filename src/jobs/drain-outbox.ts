import { deliverAlerts } from "@/alerts/deliver-alerts";
import { billingDeps } from "@/billing/deps";
import { runStripeCalls, STRIPE_CALLS_AFTER_REQUEST_MS } from "@/billing/stripe/run-stripe-calls";
import { configuredEmailProvider } from "@/emails/configured-provider";
import { deliverEmails, EMAILS_AFTER_REQUEST_MS } from "@/emails/deliver-emails";
import { now } from "@/lib/clock";
import { logger } from "@/lib/logger";

const SEND_ALERTS_MS = 20_000;

/** After this long a run of `drainOutbox` begins nothing more; the jobs do the rest. */
export const DRAIN_OUTBOX_MS =
  STRIPE_CALLS_AFTER_REQUEST_MS + EMAILS_AFTER_REQUEST_MS + SEND_ALERTS_MS;

let running: Promise<void> | null = null;
let isWanted = false;

/**
 * Delivers what an event or an act has caused: mails, calls to Stripe, alerts. However many ask at
 * once, one run is under way in this process, and at most one more follows it, which takes whatever
 * came meanwhile. Never throws: what fails waits for the job.
 */
export function drainOutbox(): Promise<void> {
  isWanted = true;
  running ??= runWhileWanted();
  return running;
}

async function runWhileWanted(): Promise<void> {
  while (isWanted) {
    isWanted = false;
    await attempt("calls to Stripe", () => runStripeCalls(billingDeps));
    await attempt("e-mails", () =>
      deliverEmails(billingDeps.db, {
        emailProvider: configuredEmailProvider(),
        now: now(),
        deadlineMs: performance.now() + EMAILS_AFTER_REQUEST_MS,
      }),
    );
    await attempt("alerts", () =>
      deliverAlerts(billingDeps.db, {
        now: now(),
        deadlineMs: performance.now() + SEND_ALERTS_MS,
      }),
    );
  }
  // In the same breath as the last look at `isWanted`, so that nobody joins a run that has ended.
  running = null;
}

async function attempt(what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    logger.error({ err: error, what }, "delivering what had been caused failed");
  }
}
