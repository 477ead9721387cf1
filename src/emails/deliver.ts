import type { Database } from "@/db/client";
import { configuredPost } from "@/integrations/resend";
import { logger } from "@/lib/logger";
import { type Delivery, deliverEmails } from "./deliver-emails";

/**
 * Sends the due e-mails through the configured post. Never call it inside a transaction. Without a
 * post (no RESEND_API_KEY on a real server) the mails wait, and the log says so.
 */
export async function deliverDueEmails(db: Database, now: Date): Promise<Delivery> {
  const post = configuredPost();
  if (post === null) {
    logger.warn("RESEND_API_KEY is not set: e-mails wait in the outbox");
    return { sent: 0, failed: 0 };
  }
  return deliverEmails(db, { post, now });
}
