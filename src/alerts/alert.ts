import { z } from "zod";
import type { Executor } from "@/db/client";
import { outbox } from "@/db/schema";
import { env } from "@/env";

export interface Alert {
  /** Names the fact; an alert with a key goes out once. */
  readonly key: string;
  readonly subject: string;
  readonly facts: Readonly<Record<string, string | number | null>>;
  readonly now: Date;
}

/** Through what an alert goes out, the most important first. */
export const ALERT_CHANNELS = ["mail", "webhook", "sentry"] as const;
export type AlertChannel = (typeof ALERT_CHANNELS)[number];

/** What the outbox keeps of an alert for the webhook and for Sentry. */
export const storedAlert = z.object({
  subject: z.string(),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
});

/**
 * Writes an alert for every configured channel into the outbox, in the caller's transaction: it goes
 * out if and only if what it tells of is committed, and is tried again when a channel is down. A key
 * that is known already changes nothing. Locks no account.
 */
export async function enqueueAlert(tx: Executor, alert: Alert): Promise<void> {
  const entries = [...letters(alert), ...posts(alert)];
  if (entries.length === 0) return;
  const { key, now } = alert;
  const rows = entries.map(({ to, payload }) => ({
    kind: "alert" as const,
    idempotencyKey: `alert:${key}:${to}`,
    payload,
    createdAt: now,
    nextAttemptAt: now,
  }));
  await tx.insert(outbox).values(rows).onConflictDoNothing({ target: outbox.idempotencyKey });
}

function letters({ subject, facts }: Alert) {
  const lines = Object.entries(facts).map(([name, value]) => `${name}: ${value ?? "–"}`);
  const props = { title: subject, lines };
  return env.ADMIN_EMAILS.map((to) => ({
    to,
    payload: { channel: "mail", template: "admin-alert", props, to, locale: "en" },
  }));
}

function posts({ subject, facts }: Alert) {
  const configured: [AlertChannel, boolean][] = [
    ["webhook", env.ALERT_WEBHOOK_URL !== undefined],
    ["sentry", env.SENTRY_DSN !== undefined],
  ];
  return configured
    .filter(([, isConfigured]) => isConfigured)
    .map(([channel]) => ({ to: channel, payload: { channel, subject, facts } }));
}
