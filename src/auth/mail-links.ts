import { createEmailVerificationToken } from "better-auth/api";
import type { VerificationLink } from "@/accounts/sign-up";
import { enqueueEmail } from "@/emails/enqueue-email";
import { now } from "@/lib/clock";
import { DEFAULT_LOCALE, isLocale, type Locale, localePath } from "@/lib/locales";
import { type AuthOptions, RESET_MINUTES, VERIFICATION_HOURS } from "./auth-options";

interface Person {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly locale?: string | null;
}

/** Makes the links of `onUserCreated`. */
export function verificationLinkFor(options: AuthOptions): VerificationLink {
  return async (person) => {
    const validSeconds = VERIFICATION_HOURS * 60 * 60;
    const token = await createEmailVerificationToken(
      options.secret,
      person.email,
      undefined,
      validSeconds,
      { userId: person.id },
    );
    return { url: verificationUrl(options, person, token), validHours: VERIFICATION_HOURS };
  };
}

/** The verification mail that the person asks for again. Each asking is a mail of its own. */
export async function mailVerification(
  options: AuthOptions,
  person: Person,
  token: string,
): Promise<void> {
  await enqueueEmail(options.db, {
    template: "verify-email",
    props: {
      name: person.name,
      url: verificationUrl(options, person, token),
      validHours: VERIFICATION_HOURS,
    },
    key: `verify-email:${person.id}:${crypto.randomUUID()}`,
    userId: person.id,
    to: person.email,
    locale: localeOf(person),
    now: now(),
  });
  options.onEmailQueued?.();
}

/** The mail with the link that sets a new password; the link goes straight to the page. */
export async function mailPasswordReset(
  options: AuthOptions,
  person: Person,
  token: string,
): Promise<void> {
  const locale = localeOf(person);
  const path = localePath(locale, `/reset-password?token=${encodeURIComponent(token)}`);
  await enqueueEmail(options.db, {
    template: "reset-password",
    props: { name: person.name, url: options.appUrl + path, validMinutes: RESET_MINUTES },
    key: `reset-password:${person.id}:${crypto.randomUUID()}`,
    userId: person.id,
    to: person.email,
    locale,
    now: now(),
  });
  options.onEmailQueued?.();
}

/** better-auth's route checks the token, then sends the browser to our page with the result. */
function verificationUrl(
  options: AuthOptions,
  person: { readonly locale?: string | null },
  token: string,
): string {
  const url = new URL("/api/auth/verify-email", options.appUrl);
  url.searchParams.set("token", token);
  url.searchParams.set("callbackURL", localePath(localeOf(person), "/verify-email?checked=1"));
  return url.href;
}

function localeOf({ locale }: { readonly locale?: string | null }): Locale {
  return isLocale(locale) ? locale : DEFAULT_LOCALE;
}
