import { getIP } from "better-auth/api";
import { and, eq, gte, isNull, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Database } from "@/db/client";
import { auditLog, passkey, session, user } from "@/db/schema";
import type { ClientAddressSource } from "@/lib/client-address";
import { machineNow, now } from "@/lib/clock";
import { deviceName } from "@/lib/device-name";
import { logger } from "@/lib/logger";
import { storableText } from "@/lib/storable-text";
import { consumeAttempt } from "@/rate-limit/rate-limit";
import { type AuthHandler, routeOf } from "./route-guards";

/** Routes where someone proves who they are. */
const PROOF_ROUTE =
  /^\/(sign-in|callback|two-factor\/verify-[\w-]+|passkey\/(verify-authentication|confirm))(\/|$)/;
/** Of these, the ones whose user is the session's, or that of the first step. */
const SECOND_STEP_ROUTE = /^\/(two-factor\/|passkey\/confirm$)/;
const SESSION_COOKIE = /^(?:__Secure-)?qiflow\.session_token=([^;.]+)\./;
/** What a browser has between the password and the second factor. */
const SECOND_STEP_COOKIE = /(?:^|; )(?:__Secure-)?qiflow\.two_factor=([^;.]+)\./;

/** An attack on an admin must not fill the audit log, which nothing but time can empty. */
const REFUSED_LIMIT = { limit: 60, windowSeconds: 3600 };

interface AccessOptions {
  readonly db: Database;
  /** The secret of the rate limit. */
  readonly secret: string;
  readonly clientAddress?: ClientAddressSource;
}

/** The parts of better-auth that are used here. */
interface Auth {
  readonly handler: AuthHandler;
  readonly $context: Promise<{
    readonly internalAdapter: {
      findVerificationValue(identifier: string): Promise<{ readonly value: string } | null>;
    };
  }>;
  readonly api: {
    getSession(request: { headers: Headers }): Promise<{ readonly user: { id: string } } | null>;
  };
}

/**
 * Adds every sign-in of an admin and every refused attempt to the audit log, with the network address
 * and the device: wrong passwords, passkeys and second factors, at sign-in and in a session. Of refused
 * attempts at most 60 an hour for each admin. Reads the response, so it holds for every method of
 * signing in and every reason for a refusal. A failure is logged and does not change the response.
 */
export function recordAdminAccess(options: AccessOptions, auth: Auth): AuthHandler {
  return async (request) => {
    const route = routeOf(request);
    if (!PROOF_ROUTE.test(route)) return auth.handler(request);
    const access = { route, request: request.clone(), startedAt: machineNow() };
    // A refusal can delete what shows whose second factor it was.
    const userId = SECOND_STEP_ROUTE.test(route) ? await findSecondStep(auth, request) : null;
    const response = await auth.handler(request);
    try {
      if (response.status < 400) await recordSignIn(options, { ...access, response });
      else await recordRefusal(options, { ...access, response, userId });
    } catch (error) {
      logger.error({ err: error, route }, "an admin's access was not recorded");
    }
    return response;
  };
}

interface Access {
  readonly route: string;
  readonly request: Request;
  readonly startedAt: Date;
  readonly response: Response;
}

/** Whose second factor a request states: the session's user, or who has entered the password. */
async function findSecondStep(auth: Auth, { headers }: Request): Promise<string | null> {
  const session = await auth.api.getSession({ headers });
  if (session !== null) return session.user.id;
  const identifier = SECOND_STEP_COOKIE.exec(headers.get("cookie") ?? "")?.[1];
  if (identifier === undefined || !/^[\w-]+$/.test(identifier)) return null;
  const { internalAdapter } = await auth.$context;
  return (await internalAdapter.findVerificationValue(identifier))?.value ?? null;
}

/**
 * A sign-in that still needs a second factor has opened no session, and a second factor that is
 * confirmed in a session opens none.
 */
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
    .where(
      and(
        eq(session.token, decodeURIComponent(token)),
        gte(session.createdAt, access.startedAt),
        eq(user.role, "admin"),
      ),
    );
  if (opened === undefined) return;
  const { sessionId, userId } = opened;
  await insertEntry(options, access, { action: "admin.sign-in", userId, facts: { sessionId } });
}

async function recordRefusal(
  options: AccessOptions,
  access: Access & { userId: string | null },
): Promise<void> {
  const { db, secret } = options;
  const isNamed = access.userId === null ? await isNamedIn(access) : eq(user.id, access.userId);
  if (isNamed === null) return;
  const [admin] = await db
    .select({ userId: user.id })
    .from(user)
    .where(and(isNamed, eq(user.role, "admin"), isNull(user.deletedAt)));
  if (admin === undefined) return;
  const { userId } = admin;
  const key = `admin-refused:${userId}`;
  const { allowed } = await consumeAttempt(db, { key, secret, ...REFUSED_LIMIT, now: now() });
  if (!allowed) return;
  const status = access.response.status;
  await insertEntry(options, access, { action: "admin.refused", userId, facts: { status } });
}

/** The address or the passkey of a sign-in. */
const signInBody = z.union([
  z.object({ email: z.string() }),
  z.object({ response: z.object({ id: z.string() }) }),
]);

async function isNamedIn({ request }: Access): Promise<SQL | null> {
  const { data } = signInBody.safeParse(await request.json().catch(() => null));
  if (data === undefined) return null;
  if ("email" in data) return eq(user.email, storableText(data.email.trim().toLowerCase()));
  const isStated = eq(passkey.credentialID, storableText(data.response.id));
  return sql`${user.id} in (select ${passkey.userId} from ${passkey} where ${isStated})`;
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
