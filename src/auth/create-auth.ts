import { apiKey } from "@better-auth/api-key";
import {
  type BetterAuthOptions,
  type BetterAuthPlugin,
  betterAuth,
  type GenericEndpointContext,
} from "better-auth";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { createAuthMiddleware, getIP, isAPIError } from "better-auth/api";
import { admin, captcha } from "better-auth/plugins";
import { secondsInDay, secondsInHour } from "date-fns/constants";
import postgres from "postgres";
import type { Database } from "@/db/client";
import { driverErrorOf } from "@/db/driver-error";
import * as schema from "@/db/schema";
import type { CaptchaProvider } from "@/lib/captcha";
import type { ClientAddressSource } from "@/lib/client-address";
import { now } from "@/lib/clock";
import { logger } from "@/lib/logger";
import {
  clearSignInLimit,
  limitByAddress,
  limitEmails,
  limitSignIn,
} from "@/rate-limit/auth-limits";
import { KNOWN_DEVICE, knownDevice, rememberDevice } from "@/rate-limit/known-devices";
import { recordAdminAccess } from "./admin-access";
import { makeAdminIfListed } from "./admin-role";
import { endOlderSessions, refuseOutdatedSession, rememberEpoch } from "./credentials-epoch";
import {
  type AuthEmailOptions,
  type CreateVerificationLink,
  enqueuePasswordResetEmail,
  enqueueVerificationEmail,
  inPageLanguage,
  RESET_MINUTES,
  VERIFICATION_HOURS,
  verificationLinkFor,
} from "./emails";
import { PASSWORD_LENGTH } from "./field-problems";
import { refuseGuessablePassword } from "./guessable-passwords";
import { offerNewPassword } from "./offer-new-password";
import { passkeys } from "./passkeys/passkey-plugin";
import {
  exposedRoutesOnly,
  refusalsWithStatus,
  refuseBanned,
  refuseInvalidSignUp,
  refuseUnusableText,
} from "./route-guards";
import { secondFactors } from "./second-factors";
import { deleteSignInsOfDeletedUser, forgetTrustedDevices } from "./sessions";
import { recordAuthEvent, recordPasswordReset } from "./sign-in-events";
import { preferencesFromCookies } from "./sign-up-preferences";
import { nameFromProvider, USER_FIELDS } from "./user-fields";
import { verifyAddress } from "./verify-address";

export const SESSION_DAYS = 30;

export interface SocialProvider {
  readonly clientId: string;
  readonly clientSecret: string;
}

interface ProvisionedUser {
  readonly userId: string;
  /** The client's address; null if it is unknown. */
  readonly networkAddress: string | null;
  readonly now: Date;
  readonly createVerificationLink: CreateVerificationLink;
}

interface CaptchaVerification {
  readonly provider: CaptchaProvider;
  readonly secretKey: string;
  /** Where tokens are verified. Defaults to the provider's address. */
  readonly verifyUrl?: string;
}

/** Configures `createAuth`. The application's own options are in `accounts/auth.ts`. */
export interface AuthOptions extends AuthEmailOptions {
  /**
   * Provisions the account of a new user, and of a user whose address has been verified. Runs after the
   * user is committed, so a crash can lose it and it may run again. If it throws, the error is logged and
   * the request still succeeds.
   */
  readonly provisionAccount: (db: Database, user: ProvisionedUser) => Promise<void>;
  /** Also trusts `localhost` and `127.0.0.1` on any port. For a laptop, never for a public host. */
  readonly trustLoopback?: boolean;
  readonly adminEmails?: readonly string[];
  /** A captcha at sign-up with an address and a password. */
  readonly captcha?: CaptchaVerification | undefined;
  readonly google?: SocialProvider | undefined;
  readonly github?: SocialProvider | undefined;
  /** Asks a service whether a new password was in a data breach. */
  readonly isBreachedPassword?: ((password: string) => Promise<boolean>) | undefined;
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
    session: {
      expiresIn: SESSION_DAYS * secondsInDay,
      disableSessionRefresh: true,
      // `requireProof` demands a more recent proof than better-auth would.
      freshAge: 0,
    },
    verification: { storeIdentifier: "hashed" },
    account: {
      encryptOAuthTokens: true,
      // A provider is linked to an account with the same address, if it has verified the address. An
      // unverified account loses its other credentials first (`databaseHooks.account`).
      accountLinking: {
        enabled: true,
        trustedProviders: [],
        allowDifferentEmails: false,
        requireLocalEmailVerified: false,
      },
    },
    emailAndPassword: {
      enabled: true,
      minPasswordLength: PASSWORD_LENGTH.min,
      maxPasswordLength: PASSWORD_LENGTH.max,
      resetPasswordTokenExpiresIn: RESET_MINUTES * 60,
      revokeSessionsOnPasswordReset: true,
      sendResetPassword: ({ user, token }, request) =>
        enqueuePasswordResetEmail(options, inPageLanguage(user, request), token),
      async onPasswordReset({ user }, request) {
        // Someone who has just set a new password must be able to sign in with it.
        const network = request === undefined ? null : getIP(request, auth.options);
        await clearSignInLimit(db, { email: user.email, network, device: null, secret });
        await forgetTrustedDevices(db, user.id);
        await endOlderSessions(db, { userId: user.id, keepSessionId: null });
        await recordPasswordReset(db, { userId: user.id, request, address: network });
        // The token was sent to the mailbox, so using it verifies the address.
        await verifyAddress(db, { userId: user.id, keep: { credentials: "password" }, now: now() });
        // Free credits may have waited for it. The other proofs run `databaseHooks.user.update`.
        await provision(options, user.id, null);
        await promoteIfListed(options, user.id);
      },
    },
    emailVerification: {
      // `provisionAccount` queues this email: `sendOnSignUp` runs after the commit and can be lost.
      sendOnSignUp: false,
      expiresIn: VERIFICATION_HOURS * secondsInHour,
      sendVerificationEmail: ({ user, token }, request) =>
        enqueueVerificationEmail(options, inPageLanguage(user, request), token),
      // The link proves the mailbox. Only the account's own session proves the account.
      async beforeEmailVerification(user, request) {
        const own = await sessionOf(user, request);
        const keep = own ? { sessionId: own.id, credentials: "all" as const } : {};
        await verifyAddress(db, { userId: user.id, keep, now: now() });
      },
      async afterEmailVerification(user, request) {
        if (await sessionOf(user, request)) await promoteIfListed(options, user.id);
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
            data: {
              ...preferencesFromCookies(context?.headers),
              ...user,
              name: nameFromProvider(user),
            },
          }),
          after: async (user, context) => {
            await provision(options, user.id, context);
            await promoteNewUser(options, user.id);
          },
        },
        update: {
          after: async (user, context) => {
            if (user.emailVerified) await provision(options, user.id, context);
          },
        },
      },
      // better-auth writes both rows itself, so the checks follow the commit instead of locking first.
      session: {
        create: {
          async after(created, context) {
            await deleteSignInsOfDeletedUser(db, created.userId);
            await refuseOutdatedSession(db, created, context);
          },
        },
      },
      account: {
        create: {
          async before({ userId, providerId }) {
            // better-auth links only an address that the provider has verified.
            if (providerId !== "credential") await verifyAddress(db, { userId, now: now() });
          },
          async after({ userId, providerId }) {
            await deleteSignInsOfDeletedUser(db, userId);
            if (providerId !== "credential") await promoteIfListed(options, userId);
          },
        },
      },
    },
    hooks: {
      before: createAuthMiddleware(async (context) => {
        refuseUnusableText(context.body, context.query);
        refuseInvalidSignUp(context.path, context.body);
        await rememberEpoch(db, context);
        await refuseBanned(context);
        if (options.rateLimited !== false) await limitAttempts(options, context);
        await refuseGuessablePassword(context, options.isBreachedPassword);
      }),
      after: createAuthMiddleware(async (context) => {
        if (context.path === "/verify-email") await offerNewPassword(options, context);
        const isRefused = isAPIError(context.context.returned);
        if (context.path === "/change-password" && !isRefused) await endOthers(db, context);
      }),
    },
    rateLimit: limitByAddress(db, {
      secret,
      enabled: options.rateLimited !== false,
      isLaptop: options.trustLoopback === true,
    }),
    // `signIns` comes after the second factors, which withdraw a session that still needs a code.
    plugins: [
      admin(),
      apiKeys(),
      ...secondFactors(options),
      ...passkeys(options),
      signIns(options),
      ...captchaPlugin(options),
    ],
    logger: { level: "warn", log: logFromBetterAuth },
    onAPIError: { onError: logServerError },
    telemetry: { enabled: false },
  });

  /** The session of a request if it is the user's own. */
  async function sessionOf(user: { id: string }, request: Request | undefined) {
    const found = request && (await auth.api.getSession({ headers: request.headers }));
    return found?.session.userId === user.id ? found.session : null;
  }

  const handler = refusalsWithStatus(recordAdminAccess(options, auth));
  return { ...auth, handler: exposedRoutesOnly(handler) };
}

/**
 * Makes and stores the keys of the API for `src/public-api`, which looks them up itself. The plugin's
 * routes are not exposed; its rate limit would refuse the eleventh request of a day.
 */
function apiKeys() {
  return apiKey({
    defaultPrefix: "qf_",
    defaultKeyLength: 64,
    rateLimit: { enabled: false },
    keyExpiration: { minExpiresIn: 1, maxExpiresIn: 365 },
    startingCharactersConfig: { shouldStore: true, charactersLength: 9 },
  });
}

function captchaPlugin({ captcha: options }: AuthOptions) {
  if (options === undefined) return [];
  const { provider, secretKey, verifyUrl } = options;
  const shared = { secretKey, endpoints: ["/sign-up/email"], siteVerifyURLOverride: verifyUrl };
  return [
    provider === "turnstile"
      ? captcha({ provider: "cloudflare-turnstile", ...shared })
      : captcha({ provider: "hcaptcha", ...shared }),
  ];
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

/** Throws better-auth's 429. Calls without a request are our own and are not limited. */
async function limitAttempts(
  { db, secret }: AuthOptions,
  context: GenericEndpointContext,
): Promise<void> {
  const { path = "", body, request } = context;
  if (request === undefined) return;
  await limitEmails(db, { path, email: body?.email, secret });
  if (path !== "/sign-in/email" || typeof body?.email !== "string") return;
  await limitSignIn(db, signInAttempt(context, { email: body.email, secret }));
}

/** A change of the password that signs out the other devices also ends sign-ins that are under way. */
async function endOthers(db: Database, { context, body }: GenericEndpointContext): Promise<void> {
  const opened = context.newSession?.session;
  if (!opened || body?.revokeOtherSessions !== true) return;
  await endOlderSessions(db, { userId: opened.userId, keepSessionId: opened.id });
}

/** Records sign-ins and changes of the credentials, and then makes the device known. */
function signIns(options: AuthOptions) {
  const { db, secret } = options;
  const handler = createAuthMiddleware(async (context) => {
    const isKnownDevice = (email: string) =>
      signInAttempt(context, { email, secret }).device !== null;
    const isRefused = isAPIError(context.context.returned);
    await recordAuthEvent({ db, isKnownDevice, isRefused }, context);
    const signedIn = context.context.newSession?.user;
    if (signedIn) await rememberSignIn(options, context, signedIn.email);
  });
  return {
    id: "sign-ins",
    hooks: { after: [{ matcher: () => true, handler }] },
  } satisfies BetterAuthPlugin;
}

/** Makes the device known to the user and forgets the wrong passwords before the right one. */
async function rememberSignIn(
  { db, secret }: AuthOptions,
  context: GenericEndpointContext,
  email: string,
): Promise<void> {
  if (context.request === undefined) return;
  await clearSignInLimit(db, signInAttempt(context, { email, secret }));
  const { name, attributes } = deviceCookie(context);
  context.setCookie(name, rememberDevice(context.getCookie(name), { email, secret }), attributes);
}

function signInAttempt(
  context: GenericEndpointContext,
  { email, secret }: { email: string; secret: string },
) {
  const { request } = context;
  const network = request === undefined ? null : getIP(request, context.context.options);
  const device = knownDevice(context.getCookie(deviceCookie(context).name), { email, secret });
  return { email, network, device, secret };
}

/** With the prefix and the attributes of better-auth's own cookies: HttpOnly, SameSite=Lax. */
function deviceCookie({ context }: GenericEndpointContext) {
  return context.createAuthCookie(KNOWN_DEVICE.cookie, { maxAge: KNOWN_DEVICE.maxAge });
}

/** Runs after the user is committed. If it fails, the user's first request repeats it. */
async function provision(
  options: AuthOptions,
  userId: string,
  context: GenericEndpointContext | null,
): Promise<void> {
  try {
    await options.provisionAccount(options.db, {
      userId,
      networkAddress: context?.headers ? getIP(context.headers, context.context.options) : null,
      now: now(),
      createVerificationLink: verificationLinkFor(options),
    });
  } catch (error) {
    logger.error({ err: error, userId }, "account provisioning failed");
  }
}

/** A new user with a verified address signed in through its provider. */
async function promoteNewUser(options: AuthOptions, userId: string): Promise<void> {
  try {
    await promoteIfListed(options, userId);
  } catch (error) {
    logger.error({ err: error, userId }, "could not make the new user an admin");
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
  /^(Failed to verify |Invalid |INVALID_CALLBACK_REQUEST|Provider (not found|does not support)|State |Failed to (parse state|validate authorization code)|No callback URL|OAuth id_token nonce)/i;

/** Drops better-auth's further arguments, which may contain email addresses. */
function logFromBetterAuth(
  level: "debug" | "info" | "success" | "warn" | "error",
  message: string,
  failure?: unknown,
): void {
  const isRefusal = REFUSED_REQUEST.test(message) && !isUnexpected(failure);
  if (level !== "error") logger.debug({ from: "better-auth" }, message);
  else if (isRefusal) logger.info({ from: "better-auth" }, message);
  else logger.error({ from: "better-auth" }, message);
}

/** Of a passkey that two requests add at the same time, the loser breaks a unique index. */
function isUnexpected(failure: unknown): boolean {
  const cause = driverErrorOf(failure);
  return cause instanceof postgres.PostgresError && cause.code !== "23505";
}
