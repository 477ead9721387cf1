import { and, sql } from "drizzle-orm";
import type { Database } from "@/db/client";
import { outbox } from "@/db/schema";
import { configuredEmailProvider } from "@/emails/configured-provider";
import { nextEmailAttemptAt, sendEntry } from "@/emails/deliver-emails";
import { reportMessage } from "@/integrations/sentry";
import { logger } from "@/lib/logger";
import {
  type DrainLimits,
  type DrainResult,
  drainEntries,
  type EntryHandler,
  hasKey,
} from "@/outbox/drain-entries";
import { ALERT_CHANNELS, type AlertChannel, storedAlert } from "./alert";
import { postAlert } from "./alert-webhook";

/** Longer than any channel's timeout. */
const LEASE_MS = 60_000;

/**
 * Sends the alerts that are due, emails first. A channel that fails is retried by the next call and
 * does not stop the others. Alerts are a separate kind in the outbox, so that they do not wait behind
 * emails to users. Never throws.
 */
export async function deliverAlerts(
  db: Database,
  limits: DrainLimits & { readonly keys?: readonly string[] | undefined },
): Promise<DrainResult> {
  const total = { done: 0, failed: 0 };
  for (const channel of ALERT_CHANNELS) {
    try {
      const { done, failed } = await deliverChannel(db, channel, limits);
      total.done += done;
      total.failed += failed;
    } catch (error) {
      logger.error({ channel, err: error }, "alerts could not be delivered");
    }
  }
  return total;
}

async function deliverChannel(
  db: Database,
  channel: AlertChannel,
  { keys, ...limits }: DrainLimits & { readonly keys?: readonly string[] | undefined },
): Promise<DrainResult> {
  const deliver = senderFor(channel);
  if (deliver === null) return { done: 0, failed: 0 };
  const handler: EntryHandler = {
    kind: "alert",
    filter: and(sql`${outbox.payload} ->> 'channel' = ${channel}`, hasKey(keys)),
    leaseMs: LEASE_MS,
    deliver,
    nextAttemptAt: nextEmailAttemptAt,
    // Another alert through the same channel would fail as well.
    isOutage: () => true,
  };
  return drainEntries(db, handler, limits);
}

/** Null if no email provider is configured: email alerts wait in the outbox. */
function senderFor(channel: AlertChannel): EntryHandler["deliver"] | null {
  switch (channel) {
    case "mail": {
      const emailProvider = configuredEmailProvider();
      return emailProvider === null ? null : (entry) => sendEntry(entry, emailProvider);
    }
    case "webhook":
      return (entry) => postAlert(storedAlert.parse(entry.payload));
    case "sentry":
      return async (entry) => {
        const { subject, facts } = storedAlert.parse(entry.payload);
        await reportMessage(subject, facts);
      };
  }
}
