import type { Database } from "@/db/client";
import { enqueueEmail } from "@/emails/outbox";
import { env } from "@/env";
import { postAlert } from "@/integrations/alert-webhook";
import { reportMessage } from "@/integrations/sentry";
import { logger } from "@/lib/logger";

export interface Alert {
  /** Names the fact; an alert with a key goes out once. */
  readonly key: string;
  readonly subject: string;
  readonly facts: Readonly<Record<string, string | number | null>>;
  readonly now: Date;
}

/**
 * Tells the people who run the site through every configured channel: the log, the admins' e-mail
 * (by the outbox, so that it survives a mail service that is down), Sentry and a webhook. Never
 * throws: an alert that can't be sent must not fail what raised it.
 */
export async function sendAlert(db: Database, alert: Alert): Promise<void> {
  logger.error({ alert: alert.key, ...alert.facts }, alert.subject);
  const channels = await Promise.allSettled([
    mailAdmins(db, alert),
    reportMessage(alert.subject, alert.facts),
    postAlert(alert),
  ]);
  for (const channel of channels) {
    if (channel.status === "rejected") {
      logger.warn({ alert: alert.key, err: channel.reason }, "an alert channel failed");
    }
  }
}

async function mailAdmins(db: Database, { key, subject, facts, now }: Alert): Promise<void> {
  const lines = Object.entries(facts).map(([name, value]) => `${name}: ${value ?? "–"}`);
  await db.transaction(async (tx) => {
    for (const to of env.ADMIN_EMAILS) {
      await enqueueEmail(tx, {
        template: "admin-alert",
        props: { title: subject, lines },
        key: `alert:${key}:${to}`,
        userId: null,
        to,
        locale: "en",
        now,
      });
    }
  });
}
