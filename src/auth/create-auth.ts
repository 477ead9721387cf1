import { type BetterAuthOptions, betterAuth } from "better-auth";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { createAuthMiddleware, isAPIError } from "better-auth/api";
import { admin } from "better-auth/plugins";
import { secondsInDay, secondsInHour } from "date-fns/constants";
import type { Database } from "@/db/client";
import * as schema from "@/db/schema";
import type { ClientAddressSource } from "@/lib/client-address";
import { now } from "@/lib/clock";
import { logger } from "@/lib/logger";
import { clearEmailLimit, limitByAddress, limitByEmail } from "@/rate-limit/auth-limits";
import { recordAdminAccess } from "./admin-access";
import { makeAdminIfListed } from "./admin-role";
import {
  type AuthEmailOptions,
  type CreateVerificationLink,
  enqueuePasswordResetEmail,
  enqueueVerificationEmail,
  RESET_MINUTES,
  VERIFICATION_HOURS,
  verificationLinkFor,
} from "./emails";
import { PASSWORD_LENGTH } from "./field-problems";
import {
  exposedRoutesOnly,
  refuseBanned,
  refuseInvalidSignUp,
  refuseUnusableText,
} from "./route-guards";
import { deleteSignInsOfDeletedUser } from "./sessions";
import { preferencesFromCookies } from "./sign-up-preferences";
import { USER_FIELDS } from "./user-fields";

export const SESSION_DAYS = 30;

export interface SocialProvider {
  readonly clientId: string;
  readonly clientSecret: string;
}

interface NewUser {
  readonly userId: string;
  readonly now: Date;
  readonly createVerificationLink: CreateVerificationLink;
}

/** Configures `createAuth`. The application's own options are in `accounts/auth.ts`. */
export interface AuthOptions extends AuthEmailOptions {
  /**
   * Provisions the account of a new user. Runs after the user is committed, so a crash can lose it
   * and it may run again. If it throws, the error is logged and the sign-up still succeeds.
   */
  readonly onUserCreated: (db: Database, user: NewUser) => Promise<void>;
  /** Also trusts `localhost` and `127.0.0.1` on any port. For a laptop, never for a public host. */
  readonly trustLoopback?: boolean;
  readonly adminEmails?: readonly string[];
  readonly google?: SocialProvider | undefined;
  readonly github?: SocialProvider | undefined;
  /** Where to read the client's network address. Defaults to better-auth's rules. */
  readonly clientAddress?: ClientAddressSource;
  /** False only in scripts and in tests of other subjects. */
  readonly rateLimited?: boolean;
}

/**
 * Creates a configured better-auth: email and password, optional Google and GitHub, rate limits in
 * the database, and only the HTTP routes that the pages use. Every request looks its session up in
 * the database (no cookie cache), so a ban or a role change applies immediately.
 *
 * Independent of Next, so that scripts and tests can create their own.
 */
export function createAuth(options: AuthOptions) {
  const { db, secret } = options;
  const auth = betterAuth({
    ...addresses(options),
    secret,
    database: drizzleAdapter(db, { provider: "pg", schema, transaction: true }),
    user: { additionalFields: USER_FIELDS },
    session: { expiresIn: SESSION_DAYS * secondsInDay, disableSessionRefresh: true },
    verification: { storeIdentifier: "hashed" },
    account: { encryptOAuthTokens: true },
    emailAndPassword: {
      enabled: true,
      minPasswordLength: PASSWORD_LENGTH.min,
      maxPasswordLength: PASSWORD_LENGTH.max,
      resetPasswordTokenExpiresIn: RESET_MINUTES * 60,
      revokeSessionsOnPasswordReset: true,
      sendResetPassword: ({ user, token }) => enqueuePasswordResetEmail(options, user, token),
      async onPasswordReset({ user }) {
        // Someone who has just set a new password must be able to sign in with it.
        await clearEmailLimit(db, { path: "/sign-in/email", email: user.email, secret });
        // The token was sent to the mailbox, so using it verifies the address.
        const { internalAdapter } = await auth.$context;
        await internalAdapter.updateUser(user.id, { emailVerified: true });
        await promoteIfListed(options, user.id);
      },
    },
    emailVerification: {
      // `onUserCreated` queues this email: `sendOnSignUp` runs after the commit and can be lost.
      sendOnSignUp: false,
      expiresIn: VERIFICATION_HOURS * secondsInHour,
      sendVerificationEmail: ({ user, token }) => enqueueVerificationEmail(options, user, token),
      async afterEmailVerification(user, request) {
        const session = request && (await auth.api.getSession({ headers: request.headers }));
        if (session?.user.id === user.id) await promoteIfListed(options, user.id);
      },
    },
    socialProviders: {
      ...(options.google && { google: options.google }),
      ...(options.github && { github: options.github }),
    },
    databaseHooks: {
      user: {
        create: {
          before: async (user, context) => ({
            data: { ...preferencesFromCookies(context?.headers), ...user },
          }),
          after: (user) => provision(options, user.id),
        },
      },
      // better-auth writes both rows itself, so the check follows the commit instead of locking first.
      session: { create: { after: ({ userId }) => deleteSignInsOfDeletedUser(db, userId) } },
      account: { create: { after: ({ userId }) => deleteSignInsOfDeletedUser(db, userId) } },
    },
    hooks: {
      before: createAuthMiddleware(async (context) => {
        refuseUnusableText(context.body, context.query);
        refuseInvalidSignUp(context.path, context.body);
        await refuseBanned(context);
        if (options.rateLimited !== false && context.request !== undefined) {
          await limitByEmail(db, { path: context.path, email: context.body?.email, secret });
        }
      }),
      after: createAuthMiddleware(async ({ path, body, context }) => {
        const isSignedIn = path === "/sign-in/email" && context.newSession !== null;
        if (isSignedIn) await clearEmailLimit(db, { path, email: body?.email, secret });
      }),
    },
    rateLimit: limitByAddress(db, {
      secret,
      enabled: options.rateLimited !== false,
      isLaptop: options.trustLoopback === true,
    }),
    plugins: [admin()],
    logger: { level: "warn", log: logFromBetterAuth },
    onAPIError: { onError: logServerError },
    telemetry: { enabled: false },
  });
  return { ...auth, handler: exposedRoutesOnly(recordAdminAccess(options, auth.handler)) };
}

/** The origins that may call the auth routes, and the matching cookie settings. */
function addresses({ appUrl, trustLoopback, clientAddress }: AuthOptions) {
  const loopback = ["localhost:*", "127.0.0.1:*"];
  return {
    baseURL: trustLoopback ? { allowedHosts: loopback, fallback: appUrl } : appUrl,
    trustedOrigins: [appUrl],
    advanced: {
      useSecureCookies: appUrl.startsWith("https://"),
      cookiePrefix: "qiflow",
      ...(clientAddress && { ipAddress: clientAddress }),
      // better-auth disables both checks under NODE_ENV=test. Tests must run what is shipped.
      disableOriginCheck: false,
      disableCSRFCheck: false,
    },
  } satisfies BetterAuthOptions;
}

/** Runs after the user is committed. If it fails, the user's first request repeats it. */
async function provision(options: AuthOptions, userId: string): Promise<void> {
  try {
    await options.onUserCreated(options.db, {
      userId,
      now: now(),
      createVerificationLink: verificationLinkFor(options),
    });
    await promoteIfListed(options, userId);
    options.onEmailQueued?.();
  } catch (error) {
    logger.error({ err: error, userId }, "account provisioning failed");
  }
}

function promoteIfListed({ db, adminEmails = [] }: AuthOptions, userId: string): Promise<void> {
  return makeAdminIfListed(db, { userId, adminEmails });
}

/** Logs server errors once. Client errors are expected responses. */
function logServerError(error: unknown): void {
  if (isAPIError(error) && error.statusCode < 500) return;
  logger.error({ err: error }, "auth route failed");
}

/** Errors that better-auth logs for bad requests, which get a 4xx or a redirect. */
const REFUSED_REQUEST =
  /^(Invalid |INVALID_CALLBACK_REQUEST|Provider (not found|does not support)|State |Failed to (parse state|validate authorization code)|No callback URL|OAuth id_token nonce)/i;

/** Drops better-auth's further arguments, which may contain email addresses. */
function logFromBetterAuth(
  level: "debug" | "info" | "success" | "warn" | "error",
  message: string,
): void {
  if (level !== "error") logger.debug({ from: "better-auth" }, message);
  else if (REFUSED_REQUEST.test(message)) logger.info({ from: "better-auth" }, message);
  else logger.error({ from: "better-auth" }, message);
}
