import { z } from "zod";
import type { Executor } from "@/db/client";
import { outbox } from "@/db/schema";
import { reportWrittenEntries } from "@/outbox/written-entries";

/** Something that an operator has to know or fix. */
export interface Alert {
  /** Names the fact. Alerts with the same key are sent once. */
  readonly key: string;
  readonly subject: string;
  readonly facts: Readonly<Record<string, string | number | null>>;
  readonly now: Date;
}

/** In order of delivery. */
export const ALERT_CHANNELS = ["mail", "webhook", "sentry"] as const;
export type AlertChannel = (typeof ALERT_CHANNELS)[number];

/** The payload of an outbox entry for the webhook or Sentry. */
export const storedAlert = z.object({
  subject: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
});
export type StoredAlert = z.output<typeof storedAlert>;

/** The channels that are configured. `configured-channels.ts` reads them from the environment. */
export interface AlertChannels {
  /** The admins who get alerts by email. */
  readonly emails: readonly string[];
  readonly webhook: boolean;
  readonly sentry: boolean;
}

/**
 * Writes one outbox entry per configured channel in the caller's transaction: the alert is sent if
 * and only if the transaction commits. A known key changes nothing. Locks no account.
 */
export async function enqueueAlert(
  tx: Executor,
  alert: Alert,
  channels: AlertChannels,
): Promise<void> {
  const entries = [...emailEntries(alert, channels), ...channelEntries(alert, channels)];
  if (entries.length === 0) return;
  const { key, now } = alert;
  const rows = entries.map(({ recipient, payload }) => ({
    kind: "alert" as const,
    idempotencyKey: `alert:${key}:${recipient}`,
    payload,
    createdAt: now,
    nextAttemptAt: now,
  }));
  reportWrittenEntries(rows.map(({ idempotencyKey }) => idempotencyKey));
  await tx.insert(outbox).values(rows).onConflictDoNothing({ target: outbox.idempotencyKey });
}

function emailEntries({ subject, facts }: Alert, { emails }: AlertChannels) {
  const lines = Object.entries(facts).map(([name, value]) => `${name}: ${value ?? "–"}`);
  const props = { title: subject, lines };
  // Keys are kept indefinitely, so they name an admin by the position in the list.
  return emails.map((to, index) => ({
    recipient: `mail-${index + 1}`,
    payload: { channel: "mail", template: "admin-alert", props, to, locale: "en" },
  }));
}

function channelEntries({ subject, facts }: Alert, { webhook, sentry }: AlertChannels) {
  const configured: [AlertChannel, boolean][] = [
    ["webhook", webhook],
    ["sentry", sentry],
  ];
  return configured
    .filter(([, isConfigured]) => isConfigured)
    .map(([channel]) => ({ recipient: channel, payload: { channel, subject, facts } }));
}
