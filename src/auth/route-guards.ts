import type { GenericEndpointContext } from "better-auth";
import { APIError, getSessionFromCtx } from "better-auth/api";
import { now } from "@/lib/clock";
import { holdsPlainText } from "@/lib/plain-text";
import { personName } from "./user-fields";

const BASE_PATH = "/api/auth";

/**
 * The only better-auth routes that are exposed over HTTP. The others (the admin plugin's set-role,
 * impersonate and remove-user, update-user, list-sessions with its tokens …) bypass our own checks
 * and the audit log. Routes that an upgrade adds stay closed.
 */
const EXPOSED_ROUTES: ReadonlySet<string> = new Set([
  "/sign-up/email",
  "/sign-in/email",
  "/sign-in/social",
  "/callback/google",
  "/callback/github",
  "/sign-out",
  "/get-session",
  "/request-password-reset",
  "/reset-password",
  "/send-verification-email",
  "/verify-email",
  "/change-password",
  "/two-factor/enable",
  "/two-factor/disable",
  "/two-factor/verify-totp",
  "/two-factor/verify-backup-code",
  "/two-factor/generate-backup-codes",
  "/passkey/generate-register-options",
  "/passkey/verify-registration",
  "/passkey/generate-authenticate-options",
  "/passkey/verify-authentication",
  "/passkey/confirm",
  "/error",
]);

/** Routes that act on the session's account. The others need no session, or end it. */
export const SESSION_ROUTES: ReadonlySet<string> = new Set([
  "/change-password",
  "/send-verification-email",
  "/two-factor/enable",
  "/two-factor/disable",
  "/two-factor/verify-totp",
  "/two-factor/verify-backup-code",
  "/two-factor/generate-backup-codes",
  "/passkey/generate-register-options",
  "/passkey/verify-registration",
  "/passkey/confirm",
]);

export type AuthHandler = (request: Request) => Promise<Response>;

/**
 * Returns 404 for every route that is not exposed. Runs before better-auth's rate limit, which would
 * store a counter for every made-up path.
 */
export function exposedRoutesOnly(handler: AuthHandler): AuthHandler {
  return async (request) => {
    if (EXPOSED_ROUTES.has(routeOf(request))) return handler(request);
    return Response.json({ code: "NOT_FOUND" }, { status: 404 });
  };
}

/** Refusals that better-auth responds to with another status, by route and code. */
const REFUSALS: Readonly<Record<string, Readonly<Record<string, Refusal>>>> = {
  // It fails with 500 for a response that does not verify, and keeps 200 when a later check refuses.
  "/passkey/verify-registration": {
    FAILED_TO_VERIFY_REGISTRATION: { status: 400 },
    SESSION_ENDED: { status: 401 },
  },
  // The captcha's provider did not respond. Without its check nobody can sign up with a password.
  "/sign-up/email": {
    UNKNOWN_ERROR: {
      status: 503,
      body: {
        code: "CAPTCHA_UNAVAILABLE",
        message: "The security check is not available. Try again in a few minutes.",
      },
      retryAfterSeconds: 120,
    },
  },
};

interface Refusal {
  readonly status: number;
  readonly body?: object;
  readonly retryAfterSeconds?: number;
}

/** Gives the refusals above their status. */
export function refusalsWithStatus(handler: AuthHandler): AuthHandler {
  return async (request) => {
    const response = await handler(request);
    const refusals = REFUSALS[routeOf(request)];
    if (refusals === undefined) return response;
    const body: unknown = await response
      .clone()
      .json()
      .catch(() => null);
    const code = typeof body === "object" && body !== null && "code" in body ? body.code : "";
    const refusal = refusals[String(code)];
    if (refusal === undefined) return response;
    const headers = new Headers(response.headers);
    if (refusal.retryAfterSeconds !== undefined) {
      headers.set("retry-after", String(refusal.retryAfterSeconds));
    }
    headers.delete("content-length");
    return Response.json(refusal.body ?? body, { status: refusal.status, headers });
  };
}

/** The path below better-auth's own, without a slash at the end; empty for any other path. */
export function routeOf(request: Request): string {
  const { pathname } = new URL(request.url);
  return pathname.startsWith(BASE_PATH) ? pathname.slice(BASE_PATH.length).replace(/\/$/, "") : "";
}

/** Refuses control characters, lone surrogates and the like in every field: Postgres stores no NUL. */
export function refuseUnusableText(...inputs: unknown[]): void {
  if (holdsPlainText(inputs)) return;
  throw new APIError("BAD_REQUEST", {
    code: "INVALID_TEXT",
    message: "The text has characters that cannot be shown.",
  });
}

/** Refuses a sign-up without a valid name or with a picture: better-auth would accept both. */
export function refuseInvalidSignUp(path: string, body: unknown): void {
  if (path !== "/sign-up/email" || typeof body !== "object" || body === null) return;
  const hasName = "name" in body && personName.safeParse(body.name).success;
  if (!hasName) {
    throw new APIError("BAD_REQUEST", {
      code: "INVALID_NAME",
      message: "The name must have 1 to 80 characters that can be seen.",
    });
  }
  if ("image" in body) {
    throw new APIError("BAD_REQUEST", {
      code: "FIELD_NOT_ALLOWED",
      message: "image is not allowed to be set",
    });
  }
}

/** Refuses a banned user's session: better-auth checks for a ban only when a session starts. */
export async function refuseBanned(context: GenericEndpointContext): Promise<void> {
  if (context.path === undefined || !SESSION_ROUTES.has(context.path)) return;
  const session = await getSessionFromCtx(context);
  if (session === null || !isBanned(session.user, now())) return;
  throw new APIError("FORBIDDEN", { code: "BANNED_USER", message: "This account is suspended." });
}

/** True while a ban is in force. */
export function isBanned(user: Readonly<Record<string, unknown>>, at: Date): boolean {
  const { banned, banExpires } = user;
  if (banned !== true) return false;
  return !(banExpires instanceof Date) || banExpires.getTime() > at.getTime();
}
