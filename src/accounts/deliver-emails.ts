import "server-only";
import { after } from "next/server";
import { db } from "@/db";
import { configuredEmailProvider } from "@/emails/configured-provider";
import { deliverEmails, EMAILS_AFTER_REQUEST_MS } from "@/emails/deliver-emails";
import { now } from "@/lib/clock";
import { logger } from "@/lib/logger";

/** Delivers the due emails after the response is sent. The job retries those that fail. */
export function deliverEmailsAfterResponse(): void {
  after(async () => {
    try {
      await deliverEmails(db, {
        emailProvider: configuredEmailProvider(),
        now: now(),
        deadlineMs: performance.now() + EMAILS_AFTER_REQUEST_MS,
      });
    } catch (error) {
      logger.error({ err: error }, "could not deliver emails after a response");
    }
  });
}
