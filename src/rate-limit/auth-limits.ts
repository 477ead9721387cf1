import type { BetterAuthOptions } from "better-auth";
import { APIError } from "better-auth/api";
import type { Database } from "@/db/client";
import { now } from "@/lib/clock";
import { clearAttempts, consumeAttempt } from "./rate-limit";

/**
 * Attempts by network address; windows in seconds. Generous enough for an office or a school behind
 * one address: the limits by email address stop anyone from guessing a password.
 */
const BY_NETWORK_ADDRESS = {
  "/sign-in/email": { window: 300, max: 50 },
  "/sign-up/email": { window: 600, max: 40 },
  "/request-password-reset": { window: 600, max: 20 },
  "/reset-password": { window: 600, max: 20 },
  "/send-verification-email": { window: 600, max: 20 },
  "/change-password": { window: 600, max: 20 },
  "/get-session": { window: 60, max: 600 },
};

/** Attempts by email address, whether it has an account or not: the response must not reveal it. */
const BY_EMAIL_ADDRESS: Readonly<Record<string, { limit: number; windowSeconds: number }>> = {
  "/sign-in/email": { limit: 10, windowSeconds: 900 },
  "/request-password-reset": { limit: 4, windowSeconds: 3600 },
  "/send-verification-email": { limit: 4, windowSeconds: 3600 },
};

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

interface EmailAttempt {
  /** The auth route, below `/api/auth`. */
  readonly path: string;
  /** Unparsed: anything but a string is not counted. */
  readonly email: unknown;
  /** The secret of the stored key. */
  readonly secret: string;
}

/** Counts an attempt against the email address it names. Throws better-auth's 429. */
export async function limitByEmail(
  db: Database,
  { path, email, secret }: EmailAttempt,
): Promise<void> {
  const rule = BY_EMAIL_ADDRESS[path];
  if (rule === undefined || typeof email !== "string") return;
  const { allowed, retryAfterSeconds } = await consumeAttempt(db, {
    key: emailKey(path, email),
    secret,
    ...rule,
    now: now(),
  });
  if (allowed) return;
  throw new APIError(
    "TOO_MANY_REQUESTS",
    { code: "TOO_MANY_REQUESTS", message: "Too many attempts." },
    { "Retry-After": String(retryAfterSeconds), "X-Retry-After": String(retryAfterSeconds) },
  );
}

/** Clears the attempts of an email address after a success, so that only guessing is limited. */
export async function clearEmailLimit(
  db: Database,
  { path, email, secret }: EmailAttempt,
): Promise<void> {
  if (typeof email !== "string") return;
  await clearAttempts(db, { key: emailKey(path, email), secret });
}

function emailKey(path: string, email: string): string {
  return `email:${email.trim().toLowerCase()}|${path}`;
}
