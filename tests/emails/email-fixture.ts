import { eq } from "drizzle-orm";
import { outbox } from "@/db/schema";
import type { EmailProvider, OutgoingEmail } from "@/emails/email-provider";
import { enqueueEmail } from "@/emails/enqueue-email";
import type { TestDatabase } from "../support/database";

export const START = new Date("2026-03-01T10:00:00Z");
export const minutesAfter = (minutes: number) => new Date(START.getTime() + minutes * 60_000);

/** A provider that records what it sends, after failing `failures` times. */
export function recordingEmailProvider({
  failures = 0,
  failure = new Error("The address bounced."),
  keepsLinks = false,
} = {}) {
  const emails: OutgoingEmail[] = [];
  let failuresRemaining = failures;
  const emailProvider: EmailProvider = {
    appUrl: "http://localhost:3000",
    unsubscribeSecret: "only in this test",
    keepsLinks,
    async send(email) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      if (failuresRemaining > 0) {
        failuresRemaining -= 1;
        throw failure;
      }
      emails.push(email);
    },
  };
  return { emailProvider, emails };
}

/** Enqueues an email with a secret link. */
export function enqueueReset({ db }: TestDatabase, key: string, now = START): Promise<void> {
  return enqueueEmail(db, {
    template: "reset-password",
    props: { url: "http://localhost:3000/reset-password?token=t", validMinutes: 60 },
    key,
    userId: "u1",
    to: "mei@example.com",
    locale: "en",
    now,
  });
}

export async function entryOf({ db }: TestDatabase, key: string) {
  const [entry] = await db
    .select()
    .from(outbox)
    .where(eq(outbox.idempotencyKey, `email:${key}`));
  if (entry === undefined) throw new Error(`no entry for ${key}`);
  return entry;
}
