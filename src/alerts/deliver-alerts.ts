import { sql } from "drizzle-orm";
import { postAlert } from "@/alerts/alert-webhook";
import type { Database } from "@/db/client";
import { outbox } from "@/db/schema";
import { configuredEmailProvider } from "@/emails/configured-provider";
import { nextEmailAttempt, sendEntry } from "@/emails/deliver-emails";
import { reportMessage } from "@/integrations/sentry";
import { logger } from "@/lib/logger";
import { type OutboxLimits, type OutboxRow, type Worked, workOutbox } from "@/outbox/drain-entries";
import { ALERT_CHANNELS, type AlertChannel, storedAlert } from "./alert";

/** Longer than any channel's time limit. */
const LEASE_MS = 60_000;

/**
 * Sends the alerts that are due, the admins' mail first. A channel that fails is left for the next
 * call, and the others are gone on with. Alerts have a queue of their own, so that none waits behind
 * the mails to users. Never throws.
 */
export async function deliverAlerts(db: Database, limits: OutboxLimits): Promise<Worked> {
  const worked = { done: 0, failed: 0 };
  for (const channel of ALERT_CHANNELS) {
    try {
      const { done, failed } = await deliverChannel(db, channel, limits);
      worked.done += done;
      worked.failed += failed;
    } catch (error) {
      logger.error({ channel, err: error }, "alerts could not be delivered");
    }
  }
  return worked;
}

async function deliverChannel(
  db: Database,
  channel: AlertChannel,
  limits: OutboxLimits,
): Promise<Worked> {
  const deliver = senderFor(channel);
  if (deliver === null) return { done: 0, failed: 0 };
  const work = {
    kind: "alert" as const,
    only: sql`${outbox.payload} ->> 'channel' = ${channel}`,
    leaseMs: LEASE_MS,
    deliver,
    nextAttempt: nextEmailAttempt,
    // Another alert through this channel would fare no better now.
    isOutage: () => true,
  };
  return workOutbox(db, work, limits);
}

function senderFor(channel: AlertChannel): ((row: OutboxRow) => Promise<void>) | null {
  if (channel === "mail") {
    const emailProvider = configuredEmailProvider();
    return emailProvider === null ? null : (row) => sendEntry(row, emailProvider);
  }
  const send =
    channel === "webhook"
      ? postAlert
      : ({ subject, facts }: ReturnType<typeof storedAlert.parse>) => reportMessage(subject, facts);
  return async (row) => send(storedAlert.parse(row.payload));
}
