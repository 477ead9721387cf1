import { type BetterAuthOptions, betterAuth } from "better-auth";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { createAuthMiddleware, isAPIError } from "better-auth/api";
import { admin } from "better-auth/plugins";
import { onUserCreated } from "@/accounts/sign-up";
import * as schema from "@/db/schema";
import { now } from "@/lib/clock";
import { logger } from "@/lib/logger";
import { forgiveAttempts, limitByEmail, networkLimits } from "@/rate-limit/attempt-limits";
import { type AuthOptions, RESET_MINUTES, SESSION_DAYS, VERIFICATION_HOURS } from "./auth-options";
import { PASSWORD_LENGTH } from "./field-problems";
import { makeAdminIfListed } from "./first-admins";
import { httpSurface } from "./http-surface";
import { mailPasswordReset, mailVerification, verificationLinkFor } from "./mail-links";
import { refuseBanned } from "./refuse-banned";
import { preferencesFromCookies } from "./sign-up-preferences";
import { refuseBadSignUp, USER_FIELDS } from "./user-fields";

/**
 * better-auth, configured: e-mail and password, optional Google and GitHub, sessions looked up in
 * the database at each request (no cookie cache, so a ban or a change of role is true at once),
 * limits in the database, and no route over HTTP but those the pages use.
 *
 * Knows nothing of Next, so that scripts and tests can make their own.
 */
export function createAuth(options: AuthOptions) {
  const { db } = options;
  const auth = betterAuth({
    ...addresses(options),
    secret: options.secret,
    database: drizzleAdapter(db, { provider: "pg", schema, transaction: true }),
    user: { additionalFields: USER_FIELDS },
    session: { expiresIn: SESSION_DAYS * 24 * 60 * 60, disableSessionRefresh: true },
    verification: { storeIdentifier: "hashed" },
    account: { encryptOAuthTokens: true },
    emailAndPassword: {
      enabled: true,
      minPasswordLength: PASSWORD_LENGTH.min,
      maxPasswordLength: PASSWORD_LENGTH.max,
      resetPasswordTokenExpiresIn: RESET_MINUTES * 60,
      revokeSessionsOnPasswordReset: true,
      sendResetPassword: ({ user, token }) => mailPasswordReset(options, user, token),
      async onPasswordReset({ user }) {
        // Wrong passwords no longer count against somebody who has just set the right one.
        await forgiveAttempts(db, "/sign-in/email", user.email);
        // The token came through the mailbox, so the address is theirs, and so is the account now.
        const { internalAdapter } = await auth.$context;
        await internalAdapter.updateUser(user.id, { emailVerified: true });
        await admit(options, user.id);
      },
    },
    emailVerification: {
      // Not `sendOnSignUp`, which runs after the commit and can be lost: see `onUserCreated`.
      sendOnSignUp: false,
      expiresIn: VERIFICATION_HOURS * 60 * 60,
      sendVerificationEmail: ({ user, token }) => mailVerification(options, user, token),
      async afterEmailVerification(user, request) {
        const session = request && (await auth.api.getSession({ headers: request.headers }));
        if (session?.user.id === user.id) await admit(options, user.id);
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
          after: (user) => welcome(options, user.id),
        },
      },
    },
    hooks: {
      before: createAuthMiddleware(async (context) => {
        refuseBadSignUp(context.path, context.body);
        await refuseBanned(context);
        if (options.rateLimited !== false && context.request !== undefined) {
          await limitByEmail(db, context.path, context.body?.email);
        }
      }),
      after: createAuthMiddleware(async ({ path, body, context }) => {
        const isSignedIn = path === "/sign-in/email" && context.newSession !== null;
        if (isSignedIn) await forgiveAttempts(db, path, body?.email);
      }),
    },
    rateLimit: networkLimits(db, {
      enabled: options.rateLimited !== false,
      laptop: options.trustLoopback === true,
    }),
    plugins: [admin(), httpSurface()],
    logger: { level: "warn", log: logFromAuth },
    onAPIError: { onError: logUnexpected },
    telemetry: { enabled: false },
  });
  return auth;
}

export type Auth = ReturnType<typeof createAuth>;

/** Where the app may be called from, and cookies to match. */
function addresses({ appUrl, trustLoopback, clientAddress }: AuthOptions) {
  const loopback = ["localhost:*", "127.0.0.1:*"];
  return {
    baseURL: trustLoopback ? { allowedHosts: loopback, fallback: appUrl } : appUrl,
    trustedOrigins: [appUrl],
    advanced: {
      useSecureCookies: appUrl.startsWith("https://"),
      cookiePrefix: "qiflow",
      ...(clientAddress && { ipAddress: clientAddress }),
      // better-auth switches both off under NODE_ENV=test; the tests must meet what is shipped.
      disableOriginCheck: false,
      disableCSRFCheck: false,
    },
  } satisfies BetterAuthOptions;
}

/** Runs after the user is committed. A failure is logged and not told: their first request repeats it. */
async function welcome(options: AuthOptions, userId: string): Promise<void> {
  try {
    await onUserCreated(options.db, userId, now(), verificationLinkFor(options));
    await admit(options, userId);
    options.onEmailQueued?.();
  } catch (error) {
    logger.error({ err: error, userId }, "Opening a new account failed");
  }
}

function admit({ db, adminEmails = [] }: AuthOptions, userId: string): Promise<void> {
  return makeAdminIfListed(db, { userId, adminEmails });
}

/** Refusals are answers, not faults; what is left is ours, logged once and answered as 500. */
function logUnexpected(error: unknown): void {
  if (isAPIError(error) && error.statusCode < 500) return;
  logger.error({ err: error }, "An auth route failed");
}

/** better-auth's own words. What follows a sentence may hold addresses, so only the sentence is kept. */
function logFromAuth(level: "debug" | "info" | "success" | "warn" | "error", message: string) {
  if (level === "error") logger.error({ from: "better-auth" }, message);
  else logger.debug({ from: "better-auth" }, message);
}
