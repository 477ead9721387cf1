import { deliverAlerts } from "@/alerts/deliver-alerts";
import { billingDeps } from "@/billing/deps";
import { runStripeCalls, STRIPE_CALLS_AFTER_REQUEST_MS } from "@/billing/stripe/run-stripe-calls";
import { configuredEmailProvider } from "@/emails/configured-provider";
import { deliverEmails, EMAILS_AFTER_REQUEST_MS } from "@/emails/deliver-emails";
import { now } from "@/lib/clock";
import { logger } from "@/lib/logger";

const DELIVER_ALERTS_MS = 20_000;

/** The most time one drain takes before it stops claiming entries; the tick delivers the rest. */
export const DRAIN_OUTBOX_MS =
  STRIPE_CALLS_AFTER_REQUEST_MS + EMAILS_AFTER_REQUEST_MS + DELIVER_ALERTS_MS;

let running: Promise<void> | null = null;
let isRequested = false;

/**
 * Delivers what is due in the outbox: Stripe calls, emails and alerts. Concurrent calls in a process
 * share one drain; entries added during it are delivered by one more. Never throws: what fails
 * waits for the tick.
 */
export function drainOutbox(): Promise<void> {
  isRequested = true;
  running ??= drainWhileRequested();
  return running;
}

async function drainWhileRequested(): Promise<void> {
  while (isRequested) {
    isRequested = false;
    await attempt("Stripe calls", () => runStripeCalls(billingDeps));
    await attempt("emails", () =>
      deliverEmails(billingDeps.db, {
        emailProvider: configuredEmailProvider(),
        now: now(),
        deadlineMs: performance.now() + EMAILS_AFTER_REQUEST_MS,
      }),
    );
    await attempt("alerts", () =>
      deliverAlerts(billingDeps.db, {
        now: now(),
        deadlineMs: performance.now() + DELIVER_ALERTS_MS,
      }),
    );
  }
  // No await since `isRequested` was last read, so no caller can join a drain that has ended.
  running = null;
}

async function attempt(kind: string, deliver: () => Promise<unknown>): Promise<void> {
  try {
    await deliver();
  } catch (error) {
    logger.error({ err: error, kind }, "could not drain the outbox");
  }
}
