import { getIP } from "better-auth/api";
import { and, eq, isNull } from "drizzle-orm";
import type { Database } from "@/db/client";
import { auditLog, session, user } from "@/db/schema";
import type { ClientAddressSource } from "@/lib/client-address";
import { now } from "@/lib/clock";
import { deviceName } from "@/lib/device-name";
import { logger } from "@/lib/logger";
import { storableText } from "@/lib/storable-text";
import { consumeAttempt } from "@/rate-limit/rate-limit";
import { type AuthHandler, routeOf } from "./route-guards";

/** Routes that open a session for someone who proves who they are. */
const SIGN_IN_ROUTE = /^\/(sign-in|callback|two-factor|passkey)\//;
const SESSION_COOKIE = /^(?:__Secure-)?qiflow\.session_token=([^;.]+)\./;

/** An attack on an admin must not fill the audit log, which nothing but time can empty. */
const REFUSED_LIMIT = { limit: 60, windowSeconds: 3600 };

interface AccessOptions {
  readonly db: Database;
  /** The secret of the rate limit. */
  readonly secret: string;
  readonly clientAddress?: ClientAddressSource;
}

/**
 * Adds every sign-in of an admin and every refused attempt to sign in as one to the audit log, with
 * the network address and the device; of refused attempts at most 60 an hour for each admin. Reads
 * the response, so it holds for every method of signing in and every reason for a refusal. A failure
 * is logged and does not change the response.
 */
export function recordAdminAccess(options: AccessOptions, handler: AuthHandler): AuthHandler {
  return async (request) => {
    const route = routeOf(request);
    if (!SIGN_IN_ROUTE.test(route)) return handler(request);
    const copy = request.clone();
    const response = await handler(request);
    try {
      const access = { route, request: copy, response };
      if (response.status < 400) await recordSignIn(options, access);
      else await recordRefusal(options, access);
    } catch (error) {
      logger.error({ err: error, route }, "an admin's access was not recorded");
    }
    return response;
  };
}

interface Access {
  readonly route: string;
  readonly request: Request;
  readonly response: Response;
}

/** A sign-in that still needs a second factor has opened no session. */
async function recordSignIn(options: AccessOptions, access: Access): Promise<void> {
  const { db } = options;
  const token = access.response.headers
    .getSetCookie()
    .flatMap((line) => SESSION_COOKIE.exec(line)?.[1] ?? [])
    .at(-1);
  if (token === undefined) return;
  const [opened] = await db
    .select({ sessionId: session.id, userId: user.id })
    .from(session)
    .innerJoin(user, eq(user.id, session.userId))
    .where(and(eq(session.token, decodeURIComponent(token)), eq(user.role, "admin")));
  if (opened === undefined) return;
  const { sessionId, userId } = opened;
  await insertEntry(options, access, { action: "admin.sign-in", userId, facts: { sessionId } });
}

async function recordRefusal(options: AccessOptions, access: Access): Promise<void> {
  const { db, secret } = options;
  const body: unknown = await access.request.json().catch(() => null);
  const email = typeof body === "object" && body !== null && "email" in body ? body.email : null;
  if (typeof email !== "string") return;
  const [admin] = await db
    .select({ userId: user.id })
    .from(user)
    .where(
      and(
        eq(user.email, storableText(email.trim().toLowerCase())),
        eq(user.role, "admin"),
        isNull(user.deletedAt),
      ),
    );
  if (admin === undefined) return;
  const { userId } = admin;
  const key = `admin-refused:${userId}`;
  const { allowed } = await consumeAttempt(db, { key, secret, ...REFUSED_LIMIT, now: now() });
  if (!allowed) return;
  const status = access.response.status;
  await insertEntry(options, access, { action: "admin.refused", userId, facts: { status } });
}

async function insertEntry(
  { db, clientAddress }: AccessOptions,
  { route, request }: Access,
  entry: {
    action: "admin.sign-in" | "admin.refused";
    userId: string;
    facts: Readonly<Record<string, string | number>>;
  },
): Promise<void> {
  const { browser, system } = deviceName(request.headers.get("user-agent"));
  const source = clientAddress && { ipAddress: clientAddress };
  await db.insert(auditLog).values({
    id: crypto.randomUUID(),
    actorId: entry.userId,
    action: entry.action,
    targetUserId: null,
    before: {},
    after: {
      ...entry.facts,
      route,
      network: getIP(request, { ...(source && { advanced: source }) }),
      device: [browser, system].filter(Boolean).join(", ") || null,
    },
    createdAt: now(),
  });
}
