import { alertChannels } from "@/alerts/configured-channels";
import { deliverAlerts } from "@/alerts/deliver-alerts";
import { billingDeps } from "@/billing/deps";
import { runStripeCalls, STRIPE_CALLS_AFTER_REQUEST_MS } from "@/billing/stripe/run-stripe-calls";
import { configuredEmailProvider } from "@/emails/configured-provider";
import { deliverEmails, EMAILS_AFTER_REQUEST_MS } from "@/emails/deliver-emails";
import { now } from "@/lib/clock";
import { logger } from "@/lib/logger";
import { deliverWebhooks } from "@/webhooks/deliver-webhooks";
import { webhookSettings } from "@/webhooks/settings";

/** For the entries of one request, which are few. */
const OWN_ENTRIES_MS = 20_000;
const ALERTS_AFTER_REQUEST_MS = 20_000;
const WEBHOOKS_AFTER_REQUEST_MS = 20_000;

/** The most time one call takes before it stops claiming entries; the tick delivers the rest. */
export const DRAIN_OUTBOX_MS =
  OWN_ENTRIES_MS +
  STRIPE_CALLS_AFTER_REQUEST_MS +
  EMAILS_AFTER_REQUEST_MS +
  ALERTS_AFTER_REQUEST_MS +
  WEBHOOKS_AFTER_REQUEST_MS;

let running: Promise<void> | null = null;
let isRequested = false;

/**
 * Delivers what is due in the outbox: Stripe calls, emails, alerts and webhooks. The entries with `ownKeys` come
 * first, so that a request's emails do not wait behind a batch. Concurrent calls in a process share
 * the drain of the rest; entries added during it are delivered by one more. Never throws: what fails
 * waits for the tick.
 */
export async function drainOutbox(ownKeys: readonly string[] = []): Promise<void> {
  if (ownKeys.length > 0) await drainOwn(ownKeys);
  isRequested = true;
  running ??= drainWhileRequested();
  await running;
}

async function drainOwn(keys: readonly string[]): Promise<void> {
  const deadlineMs = performance.now() + OWN_ENTRIES_MS;
  await deliver({
    keys,
    stripe: deadlineMs,
    emails: deadlineMs,
    alerts: deadlineMs,
    webhooks: deadlineMs,
  });
}

async function drainWhileRequested(): Promise<void> {
  while (isRequested) {
    isRequested = false;
    const stripe = performance.now() + STRIPE_CALLS_AFTER_REQUEST_MS;
    const emails = stripe + EMAILS_AFTER_REQUEST_MS;
    const alerts = emails + ALERTS_AFTER_REQUEST_MS;
    await deliver({ stripe, emails, alerts, webhooks: alerts + WEBHOOKS_AFTER_REQUEST_MS });
  }
  // No await since `isRequested` was last read, so no caller can join a drain that has ended.
  running = null;
}

interface Deliveries {
  /** Only the entries with these keys. */
  readonly keys?: readonly string[];
  /** Deadlines of `performance.now()`, by kind. */
  readonly stripe: number;
  readonly emails: number;
  readonly alerts: number;
  readonly webhooks: number;
}

async function deliver({ keys, stripe, emails, alerts, webhooks }: Deliveries): Promise<void> {
  const { db } = billingDeps;
  const emailProvider = configuredEmailProvider();
  await attempt("Stripe calls", () => runStripeCalls(billingDeps, { keys, deadlineMs: stripe }));
  await attempt("emails", () =>
    deliverEmails(db, { emailProvider, now: now(), deadlineMs: emails, keys }),
  );
  await attempt("alerts", () => deliverAlerts(db, { now: now(), deadlineMs: alerts, keys }));
  await attempt("webhooks", () =>
    deliverWebhooks(db, {
      settings: webhookSettings,
      alertChannels,
      now: now(),
      deadlineMs: webhooks,
      keys,
    }),
  );
}

async function attempt(kind: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    logger.error({ err: error, kind }, "could not drain the outbox");
  }
}
