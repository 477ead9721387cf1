import type { Database } from "@/db/client";
import { reportMessage } from "@/integrations/sentry";
import { logger } from "@/lib/logger";
import { type Alert, enqueueAlert } from "./alert";
import { postAlert } from "./alert-webhook";
import { alertChannels } from "./configured-channels";

/**
 * Logs an alert and enqueues it outside any transaction; `deliverAlerts` sends it. If the outbox
 * cannot be written, sends it once to the webhook and Sentry directly. Never throws, so that a failed
 * alert does not fail the caller.
 */
export async function sendAlert(db: Database, alert: Alert): Promise<void> {
  logger.error({ alert: alert.key, ...alert.facts }, alert.subject);
  try {
    await enqueueAlert(db, alert, alertChannels);
  } catch (error) {
    logger.error({ alert: alert.key, err: error }, "alert could not be enqueued");
    await sendDirectly(alert);
  }
}

async function sendDirectly(alert: Alert): Promise<void> {
  const { key, subject, facts } = alert;
  const sent = await Promise.allSettled([postAlert(alert), reportMessage(subject, facts)]);
  for (const channel of sent) {
    if (channel.status === "rejected") {
      logger.warn({ alert: key, err: channel.reason }, "alert channel failed");
    }
  }
}
