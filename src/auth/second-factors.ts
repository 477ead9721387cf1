import type { BetterAuthPlugin, GenericEndpointContext } from "better-auth";
import { APIError, createAuthMiddleware, getSessionFromCtx, isAPIError } from "better-auth/api";
import { twoFactor as twoFactorPlugin } from "better-auth/plugins";
import { secondsInDay } from "date-fns/constants";
import { and, eq } from "drizzle-orm";
import type { Database, Executor } from "@/db/client";
import { passkey, session, twoFactor, user } from "@/db/schema";
import { machineNow } from "@/lib/clock";
import { countAuthAttempt } from "@/rate-limit/auth-limits";
import { clearAttempts, consumeAttempt } from "@/rate-limit/rate-limit";
import { SESSION_ROUTES } from "./route-guards";
import { isAdminSessionOver, isProven, type SessionTimes } from "./session-rules";
import { deleteSignInsOfDeletedUser, forgetTrustedDevices, hasPassword } from "./sessions";

const TRUSTED_DEVICE_DAYS = 30;
/** Codes that one account may try, at sign-in and in a session together. */
const CODE_ATTEMPTS = { limit: 10, windowSeconds: 900 };
/** A code is valid for three periods of 30 seconds. Each may be used once (RFC 6238, section 5.2). */
const CODE_SECONDS = 90;

const CODE_PATHS: ReadonlySet<string> = new Set([
  "/two-factor/verify-totp",
  "/two-factor/verify-backup-code",
]);

/** Routes that prove a second factor. */
const CONFIRMING_PATHS: ReadonlySet<string> = new Set([
  ...CODE_PATHS,
  "/passkey/confirm",
  "/passkey/verify-registration",
]);

/** Changes of an authenticator app, which need a recent proof. better-auth checks a password in the body. */
const APP_PATHS: ReadonlySet<string> = new Set([
  "/two-factor/enable",
  "/two-factor/disable",
  "/two-factor/generate-backup-codes",
]);

/** All that need a recent proof. `change-password` takes the password itself. */
const PROOF_PATHS: ReadonlySet<string> = new Set([
  ...APP_PATHS,
  "/passkey/generate-register-options",
  "/passkey/verify-registration",
]);

/** A trusted device asks for no code. It must not outlive the credentials it was trusted with. */
const END_TRUST_PATHS: ReadonlySet<string> = new Set(["/change-password", "/two-factor/disable"]);

/** What a session that these routes create has confirmed. */
const PROVED_BY_PATH: Readonly<Record<string, readonly ("passwordAt" | "secondFactorAt")[]>> = {
  "/sign-up/email": ["passwordAt"],
  "/sign-in/email": ["passwordAt"],
  "/change-password": ["passwordAt"],
  "/two-factor/verify-totp": ["secondFactorAt"],
  "/two-factor/verify-backup-code": ["secondFactorAt"],
  "/passkey/verify-authentication": ["secondFactorAt"],
};

interface SecondFactorOptions {
  readonly db: Database;
  readonly secret: string;
  readonly rateLimited?: boolean;
}

/**
 * better-auth's plugins for second factors, and ours that stores in each session when the password and
 * a second factor were confirmed.
 */
export function secondFactors(options: SecondFactorOptions) {
  return [
    twoFactorPlugin({
      issuer: "QiFlow",
      allowPasswordless: true,
      trustDeviceMaxAge: TRUSTED_DEVICE_DAYS * secondsInDay,
    }),
    sessionProofs(options),
  ] as const;
}

function sessionProofs(options: SecondFactorOptions) {
  const ours = { type: "date", required: false, input: false } as const;
  return {
    id: "session-proofs",
    schema: {
      session: { fields: { lastUsedAt: ours, passwordAt: ours, secondFactorAt: ours } },
    },
    init: () => ({
      options: {
        databaseHooks: {
          session: {
            create: {
              before: async (created, context) => {
                const proved = PROVED_BY_PATH[context?.path ?? ""] ?? [];
                const at = machineNow();
                return { data: { ...created, ...Object.fromEntries(proved.map((f) => [f, at])) } };
              },
            },
          },
        },
      },
    }),
    hooks: {
      before: [
        {
          matcher: ({ path }) => path !== undefined && SESSION_ROUTES.has(path),
          handler: createAuthMiddleware(async (context) => {
            await refuseEndedAdminSession(context);
            if (PROOF_PATHS.has(context.path)) await requireProof(context, options.db);
            if (CODE_PATHS.has(context.path)) await limitCodes(context, options);
          }),
        },
      ],
      after: [
        {
          matcher: ({ path }) => path !== undefined && SESSION_ROUTES.has(path),
          handler: createAuthMiddleware(async (context) => {
            if (isAPIError(context.context.returned)) return;
            if (CONFIRMING_PATHS.has(context.path)) await confirmSecondFactor(context, options);
            else if (END_TRUST_PATHS.has(context.path)) await endTrust(context, options.db);
            else await deleteFactorsOfDeletedUser(context, options.db);
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;
}

/** Refuses an auth route to an admin whose session has ended by the rule of `isAdminSessionOver`. */
async function refuseEndedAdminSession(context: GenericEndpointContext): Promise<void> {
  const found = await getSessionFromCtx(context);
  if (found?.user.role !== "admin") return;
  if (!isAdminSessionOver(timesOf(found.session), machineNow())) return;
  throw new APIError("UNAUTHORIZED", { code: "SESSION_ENDED", message: "Sign in again." });
}

/** Returns which second factors a user has. */
export async function findSecondFactors(
  reader: Executor,
  userId: string,
): Promise<{ app: boolean; passkey: boolean }> {
  const isOn = and(eq(twoFactor.userId, userId), eq(user.twoFactorEnabled, true));
  const [apps, passkeys] = await Promise.all([
    reader
      .select({ id: twoFactor.id })
      .from(twoFactor)
      .innerJoin(user, eq(user.id, twoFactor.userId))
      .where(isOn)
      .limit(1),
    reader.select({ id: passkey.id }).from(passkey).where(eq(passkey.userId, userId)).limit(1),
  ]);
  return { app: apps.length > 0, passkey: passkeys.length > 0 };
}

/** True if the user has an authenticator app or a passkey. */
export async function hasSecondFactor(reader: Executor, userId: string): Promise<boolean> {
  const { app, passkey: hasPasskey } = await findSecondFactors(reader, userId);
  return app || hasPasskey;
}

/** Stores that a session has confirmed the user's password. */
export async function confirmPassword(db: Database, sessionId: string): Promise<void> {
  await db.update(session).set({ passwordAt: machineNow() }).where(eq(session.id, sessionId));
}

/**
 * Without a second factor, a password in the body of a change of the authenticator app counts as well,
 * because better-auth checks it there. An account without a password ignores it.
 */
async function requireProof(context: GenericEndpointContext, db: Database): Promise<void> {
  const found = await getSessionFromCtx(context);
  if (found === null) return;
  const { session: stored, user: owner } = found;
  const hasFactor = await hasSecondFactor(db, owner.id);
  const at = machineNow();
  if (isProven(timesOf(stored), { hasSecondFactor: hasFactor, at })) return;
  const sendsPassword =
    APP_PATHS.has(context.path ?? "") && typeof context.body?.password === "string";
  if (!hasFactor && sendsPassword && (await hasPassword(db, owner.id))) return;
  throw new APIError("FORBIDDEN", { code: "PROOF_REQUIRED", message: "Confirm that it is you." });
}

/**
 * Counts an attempt against the account, and refuses a code of the authenticator app that was tried
 * before: someone who sees it over a shoulder must not be able to use it again.
 */
async function limitCodes(
  context: GenericEndpointContext,
  { db, secret, rateLimited }: SecondFactorOptions,
): Promise<void> {
  const userId = await challengedUser(context);
  if (userId === null) return;
  if (rateLimited !== false) {
    await countAuthAttempt(db, { key: attemptsKey(userId), secret, ...CODE_ATTEMPTS });
  }
  if (context.path !== "/two-factor/verify-totp") return;
  const use = { limit: 1, windowSeconds: CODE_SECONDS, now: machineNow() };
  const key = `totp:${userId}:${String(context.body?.code)}`;
  if ((await consumeAttempt(db, { key, secret, ...use })).allowed) return;
  throw new APIError("BAD_REQUEST", { code: "CODE_USED", message: "Wait for the next code." });
}

/** The user of the session, or of the sign-in that waits for its second step. */
async function challengedUser(context: GenericEndpointContext): Promise<string | null> {
  const found = await getSessionFromCtx(context);
  if (found !== null) return found.user.id;
  const { name } = context.context.createAuthCookie("two_factor");
  const challenge = await context.getSignedCookie(name, context.context.secret);
  if (!challenge) return null;
  const stored = await context.context.internalAdapter.findVerificationValue(challenge);
  return stored?.value ?? null;
}

/** A session that the route created has stored it already; see `PROVED_BY_PATH`. */
async function confirmSecondFactor(
  context: GenericEndpointContext,
  { db, secret }: SecondFactorOptions,
): Promise<void> {
  const created = context.context.newSession;
  const confirmed = created ?? (await getSessionFromCtx(context));
  if (confirmed === null) return;
  await clearAttempts(db, { key: attemptsKey(confirmed.user.id), secret });
  if (created !== null) return;
  const id = confirmed.session.id;
  await db.update(session).set({ secondFactorAt: machineNow() }).where(eq(session.id, id));
}

async function endTrust(context: GenericEndpointContext, db: Database): Promise<void> {
  const found = await getSessionFromCtx(context);
  if (found !== null) await forgetTrustedDevices(db, found.user.id);
}

/** better-auth stores a factor without locking the user, whose account may have been deleted since. */
async function deleteFactorsOfDeletedUser(
  context: GenericEndpointContext,
  db: Database,
): Promise<void> {
  const found = await getSessionFromCtx(context);
  if (found !== null) await deleteSignInsOfDeletedUser(db, found.user.id);
}

function attemptsKey(userId: string): string {
  return `second-factor:${userId}`;
}

/** better-auth's types do not know the fields of a plugin. */
function timesOf(
  stored: { readonly createdAt: Date } & Readonly<Record<string, unknown>>,
): SessionTimes {
  const instant = (name: string) => {
    const value = stored[name];
    return value instanceof Date ? value : null;
  };
  return {
    createdAt: stored.createdAt,
    lastUsedAt: instant("lastUsedAt"),
    passwordAt: instant("passwordAt"),
    secondFactorAt: instant("secondFactorAt"),
  };
}
