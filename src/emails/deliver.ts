import type { Database } from "@/db/client";
import { configuredEmailProvider } from "@/emails/configured-provider";
import { logger } from "@/lib/logger";
import { type Delivery, deliverEmails } from "./deliver-emails";

/** What a request that has been answered may still spend; the job sends the rest. */
export const MAILS_AFTER_A_REQUEST_MS = 30_000;

/**
 * Sends the due e-mails through the configured post, until `deadlineMs` (of `performance.now()`).
 * Never call it inside a transaction. Without a post (no RESEND_API_KEY on a real server) the mails
 * wait, and the log says so.
 */
export async function deliverDueEmails(
  db: Database,
  now: Date,
  deadlineMs = performance.now() + MAILS_AFTER_A_REQUEST_MS,
): Promise<Delivery> {
  const post = configuredEmailProvider();
  if (post === null) {
    logger.warn("RESEND_API_KEY is not set: e-mails wait in the outbox");
    return { sent: 0, failed: 0 };
  }
  return deliverEmails(db, { post, now, deadlineMs });
}
