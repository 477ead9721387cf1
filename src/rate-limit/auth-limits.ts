import type { BetterAuthOptions } from "better-auth";
import { APIError } from "better-auth/api";
import { secondsInDay } from "date-fns/constants";
import type { Database } from "@/db/client";
import { now } from "@/lib/clock";
import { clearAttempts, consumeAttempt } from "./rate-limit";

interface Rule {
  readonly limit: number;
  readonly windowSeconds: number;
}

/**
 * Attempts by network address; windows in seconds. Generous enough for an office or a school behind
 * one address: the limits by email address stop anyone from guessing a password (`limitSignIn`).
 */
const BY_NETWORK_ADDRESS = {
  "/sign-in/email": { window: 300, max: 50 },
  "/sign-up/email": { window: 600, max: 40 },
  "/request-password-reset": { window: 600, max: 20 },
  "/reset-password": { window: 600, max: 20 },
  "/send-verification-email": { window: 600, max: 20 },
  "/change-password": { window: 600, max: 20 },
  "/two-factor/verify-totp": { window: 300, max: 50 },
  "/two-factor/verify-backup-code": { window: 300, max: 50 },
  "/two-factor/enable": { window: 600, max: 20 },
  "/two-factor/disable": { window: 600, max: 20 },
  "/two-factor/generate-backup-codes": { window: 600, max: 20 },
  "/passkey/generate-register-options": { window: 600, max: 40 },
  "/passkey/verify-registration": { window: 600, max: 40 },
  // Each visit of the sign-in page asks for a challenge.
  "/passkey/generate-authenticate-options": { window: 300, max: 100 },
  "/passkey/verify-authentication": { window: 300, max: 50 },
  "/passkey/confirm": { window: 300, max: 50 },
  "/get-session": { window: 60, max: 600 },
};

/** Emails to one address, whether it has an account or not: the response must not reveal it. */
const EMAILS_TO_ADDRESS: Readonly<Record<string, Rule>> = {
  "/request-password-reset": { limit: 4, windowSeconds: 3600 },
  "/send-verification-email": { limit: 4, windowSeconds: 3600 },
};

/** Wrong passwords for an address from one network, or from one device that it has signed in with. */
const WRONG_PASSWORDS: Rule = { limit: 10, windowSeconds: 900 };
/** Wrong passwords for an address from all unknown devices together (NIST SP 800-63B, 3.2.2). */
const WRONG_PASSWORDS_OF_STRANGERS: Rule = { limit: 100, windowSeconds: secondsInDay };

/** On a laptop, all browsers and tests share one network address. */
const LAPTOP_FACTOR = 5;

/** better-auth's `rateLimit` option: its limits by address, counted by `consumeAttempt`. */
export function limitByAddress(
  db: Database,
  { secret, enabled, isLaptop }: { secret: string; enabled: boolean; isLaptop: boolean },
) {
  const factor = isLaptop ? LAPTOP_FACTOR : 1;
  return {
    enabled,
    window: 60,
    max: 120,
    customRules: BY_NETWORK_ADDRESS,
    customStorage: {
      async consume(key, rule) {
        const { allowed, retryAfterSeconds } = await consumeAttempt(db, {
          key: `network:${key}`,
          secret,
          limit: rule.max * factor,
          windowSeconds: rule.window,
          now: now(),
        });
        return { allowed, retryAfter: allowed ? null : retryAfterSeconds };
      },
    },
  } satisfies BetterAuthOptions["rateLimit"];
}

/**
 * Counts a request for an email against the address it goes to. `email` is unparsed: anything but a
 * string is not counted. Throws better-auth's 429.
 */
export async function limitEmails(
  db: Database,
  { path, email, secret }: { path: string; email: unknown; secret: string },
): Promise<void> {
  const rule = EMAILS_TO_ADDRESS[path];
  if (rule === undefined || typeof email !== "string") return;
  await countAuthAttempt(db, { key: emailKey(path, email), secret, ...rule });
}

interface SignInAttempt {
  readonly email: string;
  /** The client's network address; null if it is unknown. */
  readonly network: string | null;
  /** The id of a device that the address has signed in with before (`knownDevice`), else null. */
  readonly device: string | null;
  /** The secret of the stored keys. */
  readonly secret: string;
}

/**
 * Counts an attempt to sign in, before its password is checked so that parallel guesses all count. A
 * known device has a counter of its own: strangers cannot lock its owner out. Throws better-auth's 429.
 */
export async function limitSignIn(db: Database, attempt: SignInAttempt): Promise<void> {
  const { secret } = attempt;
  for (const { key, rule } of signInCounters(attempt))
    await countAuthAttempt(db, { key, secret, ...rule });
}

/** Clears the counters of an attempt that succeeded, so that only wrong passwords are limited. */
export async function clearSignInLimit(db: Database, attempt: SignInAttempt): Promise<void> {
  const { secret } = attempt;
  for (const { key } of signInCounters(attempt)) await clearAttempts(db, { key, secret });
}

function signInCounters({ email, network, device }: SignInAttempt): { key: string; rule: Rule }[] {
  const key = emailKey("/sign-in/email", email);
  if (device !== null) return [{ key: `${key}|device:${device}`, rule: WRONG_PASSWORDS }];
  return [
    { key: `${key}|network:${network ?? "unknown"}`, rule: WRONG_PASSWORDS },
    { key, rule: WRONG_PASSWORDS_OF_STRANGERS },
  ];
}

/** Counts an attempt. Throws better-auth's 429 when it is one too many. */
export async function countAuthAttempt(
  db: Database,
  attempt: Rule & { key: string; secret: string },
): Promise<void> {
  const { allowed, retryAfterSeconds } = await consumeAttempt(db, { ...attempt, now: now() });
  if (allowed) return;
  throw new APIError(
    "TOO_MANY_REQUESTS",
    { code: "TOO_MANY_REQUESTS", message: "Too many attempts." },
    { "Retry-After": String(retryAfterSeconds), "X-Retry-After": String(retryAfterSeconds) },
  );
}

function emailKey(path: string, email: string): string {
  return `email:${email.trim().toLowerCase()}|${path}`;
}
