import { postAlert } from "@/alerts/alert-webhook";
import type { Database } from "@/db/client";
import { reportMessage } from "@/integrations/sentry";
import { logger } from "@/lib/logger";
import { type Alert, enqueueAlert } from "./alert";
import { alertChannels } from "./configured-channels";

/**
 * Tells the people who run the site something that no transaction of its own goes with: the log, and
 * by the outbox every configured channel; `deliverAlerts` sends it. Where not even the outbox can be
 * written, the webhook and Sentry are told at once, once. Never throws: an alert that can't be sent
 * must not fail what raised it.
 */
export async function sendAlert(db: Database, alert: Alert): Promise<void> {
  logger.error({ alert: alert.key, ...alert.facts }, alert.subject);
  try {
    await enqueueAlert(db, alert, alertChannels);
  } catch (error) {
    logger.error({ alert: alert.key, err: error }, "an alert could not be written");
    await tellDirectly(alert);
  }
}

async function tellDirectly(alert: Alert): Promise<void> {
  const channels = [postAlert(alert), reportMessage(alert.subject, alert.facts)];
  for (const channel of await Promise.allSettled(channels)) {
    if (channel.status === "rejected") {
      logger.warn({ alert: alert.key, err: channel.reason }, "an alert channel failed");
    }
  }
}
