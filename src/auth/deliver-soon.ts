import "server-only";
import { after } from "next/server";
import { db } from "@/db";
import { deliverDueEmails } from "@/emails/deliver";
import { now } from "@/lib/clock";
import { logger } from "@/lib/logger";

/** Delivers the outbox once this request has been answered; what fails waits for the job. */
export function deliverSoon(): void {
  after(async () => {
    try {
      await deliverDueEmails(db, now());
    } catch (error) {
      logger.error({ err: error }, "Delivering e-mails after a request failed");
    }
  });
}
