import { createEmailVerificationToken } from "better-auth/api";
import { secondsInHour } from "date-fns/constants";
import type { Database } from "@/db/client";
import { lockUser } from "@/db/lock-user";
import type { EmailContent } from "@/emails/email-content";
import { enqueueEmail } from "@/emails/enqueue-email";
import { now } from "@/lib/clock";
import { isLocale, localeOf, localePath } from "@/lib/locales";
import { PAGE_LANGUAGE_HEADER } from "./client";

export const VERIFICATION_HOURS = 24;
export const RESET_MINUTES = 60;

export interface AuthEmailOptions {
  readonly db: Database;
  /** The application's origin, without a trailing slash. */
  readonly appUrl: string;
  readonly secret: string;
}

interface Recipient {
  readonly id: string;
  readonly email: string;
  readonly locale?: string | null;
}

export type CreateVerificationLink = (
  recipient: Recipient,
) => Promise<{ url: string; validHours: number }>;

/** Returns a function that creates the verification link of a new account. */
export function verificationLinkFor(options: AuthEmailOptions): CreateVerificationLink {
  return async (recipient) => {
    const validSeconds = VERIFICATION_HOURS * secondsInHour;
    const token = await createEmailVerificationToken(
      options.secret,
      recipient.email,
      undefined,
      validSeconds,
      { userId: recipient.id },
    );
    return { url: verificationUrl(options, recipient, token), validHours: VERIFICATION_HOURS };
  };
}

/** The recipient in the language of the page that sent the request, or else in their own. */
export function inPageLanguage<T extends Recipient>(recipient: T, request?: Request): T {
  const locale = request?.headers.get(PAGE_LANGUAGE_HEADER);
  return isLocale(locale) ? { ...recipient, locale } : recipient;
}

/** Queues the verification email that a user requests. Each request is a separate email. */
export async function enqueueVerificationEmail(
  options: AuthEmailOptions,
  recipient: Recipient,
  token: string,
): Promise<void> {
  await enqueueToUser(options, recipient, {
    template: "verify-email",
    props: {
      url: verificationUrl(options, recipient, token),
      validHours: VERIFICATION_HOURS,
    },
  });
}

/** Queues the email whose link opens the page that sets a new password. */
export async function enqueuePasswordResetEmail(
  options: AuthEmailOptions,
  recipient: Recipient,
  token: string,
): Promise<void> {
  const locale = localeOf(recipient.locale);
  const path = localePath(locale, `/reset-password?token=${encodeURIComponent(token)}`);
  await enqueueToUser(options, recipient, {
    template: "reset-password",
    props: { url: options.appUrl + path, validMinutes: RESET_MINUTES },
  });
}

/** Locks the user's row and queues nothing for a deleted account, whose address must not be stored. */
async function enqueueToUser(
  options: AuthEmailOptions,
  recipient: Recipient,
  email: EmailContent,
): Promise<void> {
  await options.db.transaction(async (tx) => {
    const row = await lockUser(tx, recipient.id);
    if (row === null || row.deletedAt !== null) return;
    await enqueueEmail(tx, {
      ...email,
      key: `${email.template}:${recipient.id}:${crypto.randomUUID()}`,
      userId: recipient.id,
      to: recipient.email,
      locale: localeOf(recipient.locale),
      now: now(),
    });
  });
}

/** better-auth's route verifies the token and redirects the browser to our page. */
function verificationUrl(
  options: AuthEmailOptions,
  recipient: Pick<Recipient, "locale">,
  token: string,
): string {
  const url = new URL("/api/auth/verify-email", options.appUrl);
  url.searchParams.set("token", token);
  url.searchParams.set(
    "callbackURL",
    localePath(localeOf(recipient.locale), "/verify-email?checked=1"),
  );
  return url.href;
}
