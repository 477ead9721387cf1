import "server-only";
import { after } from "next/server";
import { db } from "@/db";
import { configuredEmailProvider } from "@/emails/configured-provider";
import { deliverEmails, EMAILS_AFTER_REQUEST_MS } from "@/emails/deliver-emails";
import { now } from "@/lib/clock";
import { logger } from "@/lib/logger";

/** Delivers the outbox once this request has been answered; what fails waits for the job. */
export function deliverSoon(): void {
  after(async () => {
    try {
      await deliverEmails(db, {
        emailProvider: configuredEmailProvider(),
        now: now(),
        deadlineMs: performance.now() + EMAILS_AFTER_REQUEST_MS,
      });
    } catch (error) {
      logger.error({ err: error }, "Delivering e-mails after a request failed");
    }
  });
}
