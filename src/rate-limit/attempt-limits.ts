import { createHash } from "node:crypto";
import type { BetterAuthOptions } from "better-auth";
import { APIError } from "better-auth/api";
import { eq } from "drizzle-orm";
import type { Database } from "@/db/client";
import { rateLimit } from "@/db/schema";
import { now } from "@/lib/clock";
import { consumeAttempt } from "./rate-limit";

/**
 * By network address: better-auth asks before it runs a route. Generous enough for an office or a
 * school behind one address, as the limits by account below stop the guessing of one password.
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

/** By the e-mail address that is named, known or not: the answer must not tell. */
const BY_EMAIL_ADDRESS: Readonly<Record<string, { limit: number; windowSeconds: number }>> = {
  "/sign-in/email": { limit: 10, windowSeconds: 900 },
  "/request-password-reset": { limit: 4, windowSeconds: 3600 },
  "/send-verification-email": { limit: 4, windowSeconds: 3600 },
};

/** On a laptop everybody has one address: all its browsers and all its tests. */
const LAPTOP_FACTOR = 5;

/** better-auth's own limits, counted by `consumeAttempt` in the table we share with it. */
export function networkLimits(
  db: Database,
  { enabled, laptop }: { enabled: boolean; laptop: boolean },
) {
  const factor = laptop ? LAPTOP_FACTOR : 1;
  return {
    enabled,
    window: 60,
    max: 120,
    customRules: BY_NETWORK_ADDRESS,
    customStorage: {
      async consume(key, rule) {
        const { allowed, retryAfterSeconds } = await consumeAttempt(db, {
          key: `network:${key}`,
          limit: rule.max * factor,
          windowSeconds: rule.window,
          now: now(),
        });
        return { allowed, retryAfter: allowed ? null : retryAfterSeconds };
      },
    },
  } satisfies BetterAuthOptions["rateLimit"];
}

/** Counts an attempt against the address named in it; throws better-auth's 429 when there were too many. */
export async function limitByEmail(db: Database, path: string, email: unknown): Promise<void> {
  const rule = BY_EMAIL_ADDRESS[path];
  if (rule === undefined || typeof email !== "string") return;
  const { allowed, retryAfterSeconds } = await consumeAttempt(db, {
    key: emailKey(path, email),
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

/** After the right password the wrong ones before it no longer count: only guessing is limited. */
export async function forgiveAttempts(db: Database, path: string, email: unknown): Promise<void> {
  if (typeof email !== "string") return;
  await db.delete(rateLimit).where(eq(rateLimit.key, emailKey(path, email)));
}

/** Hashed, as the table needs to tell addresses apart and not to know them. */
function emailKey(path: string, email: string): string {
  const who = createHash("sha256").update(email.trim().toLowerCase()).digest("hex");
  return `email:${who}|${path}`;
}
