import { passkey as passkeyPlugin } from "@better-auth/passkey";
import { verifyAuthenticationResponse } from "@simplewebauthn/server";
import type { BetterAuthPlugin, GenericEndpointContext } from "better-auth";
import {
  APIError,
  createAuthEndpoint,
  createAuthMiddleware,
  isAPIError,
  sessionMiddleware,
} from "better-auth/api";
import { and, eq } from "drizzle-orm";
import { z } from "zod";
import type { Database } from "@/db/client";
import { passkey } from "@/db/schema";
import { machineNow } from "@/lib/clock";
import { refuseOutdatedPasskey } from "../credentials-epoch";
import { personName } from "../user-fields";

/** Passkeys that one user can have. */
const MAX_PASSKEYS = 20;
const CHALLENGE_COOKIE = "passkey_challenge";

const encoded = z.string().regex(/^[\w-]+$/);
const common = { id: encoded.max(1400), rawId: encoded.max(1400), type: z.literal("public-key") };
const authentication = z.object({
  ...common,
  response: z.object({
    clientDataJSON: encoded,
    authenticatorData: encoded,
    signature: encoded,
    userHandle: z.string().optional(),
  }),
});
const registration = z.object({
  ...common,
  response: z.object({
    clientDataJSON: encoded,
    attestationObject: encoded,
    transports: z
      .array(z.string().regex(/^[a-z-]{1,20}$/))
      .max(10)
      .optional(),
  }),
});

/** What the two routes of better-auth accept. It checks the shape of neither. */
const BODIES: Readonly<Record<string, z.ZodType>> = {
  "/passkey/verify-authentication": z.strictObject({ response: authentication }),
  "/passkey/verify-registration": z.strictObject({ response: registration, name: personName }),
};

interface PasskeyOptions {
  readonly db: Database;
  readonly appUrl: string;
}

/**
 * better-auth's plugin for passkeys and our rules around it.
 *
 * A passkey is accepted only if its device has verified the user with a PIN, a fingerprint or a face, so
 * that it is two factors in one step. better-auth requires no verification: it accepts a security key that
 * was only touched.
 */
export function passkeys(options: PasskeyOptions) {
  const { hostname, origin } = new URL(options.appUrl);
  const rules = passkeyRules({ ...options, hostname, origin });
  const plugin = passkeyPlugin({
    rpID: hostname,
    rpName: "QiFlow",
    origin,
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    advanced: { webAuthnChallengeCookie: CHALLENGE_COOKIE },
    registration: {
      async afterVerification({ verification, user: { id: userId } }) {
        requireUserVerified(verification.registrationInfo?.userVerified);
        await refuseSurplus(options.db, {
          userId,
          credentialId: verification.registrationInfo?.credential.id ?? "",
        });
      },
    },
    authentication: {
      async afterVerification({ verification }) {
        requireUserVerified(verification.authenticationInfo.userVerified);
      },
    },
  });
  return [plugin, rules] as const;
}

function passkeyRules({
  db,
  hostname,
  origin,
}: PasskeyOptions & { readonly hostname: string; readonly origin: string }) {
  return {
    id: "passkey-rules",
    schema: {
      passkey: { fields: { lastUsedAt: { type: "date", required: false, input: false } } },
    },
    endpoints: {
      /**
       * Confirms the user of a session with one of their passkeys. better-auth's own route would open a
       * session for the owner of the passkey instead.
       */
      confirmPasskey: createAuthEndpoint(
        "/passkey/confirm",
        {
          method: "POST",
          body: z.object({ response: authentication }),
          use: [sessionMiddleware],
        },
        async (context) => {
          const userId = context.context.session.user.id;
          const challenge = await findChallenge(context, "authentication");
          const { internalAdapter } = context.context;
          const taken = await internalAdapter.consumeVerificationValue(challenge.token);
          if (taken === null || challenge.userId !== userId) throw challengeNotFound();
          const { response } = context.body;
          const isOwn = and(eq(passkey.credentialID, response.id), eq(passkey.userId, userId));
          const [stored] = await db.select().from(passkey).where(isOwn);
          if (stored === undefined) throw refusal("UNAUTHORIZED", "PASSKEY_NOT_FOUND");
          const info = await verify(response, { stored, challenge: challenge.text });
          requireUserVerified(info.userVerified);
          await db
            .update(passkey)
            .set({ counter: info.newCounter, lastUsedAt: machineNow() })
            .where(isOwn);
          return context.json({ status: true });
        },
      ),
    },
    hooks: {
      before: [
        {
          matcher: ({ path }) => path !== undefined && path in BODIES,
          handler: createAuthMiddleware(async (context) => {
            refuseMalformed(context);
            const isSignIn = context.path === "/passkey/verify-authentication";
            await findChallenge(context, isSignIn ? "authentication" : "registration");
          }),
        },
      ],
      after: [
        {
          matcher: ({ path }) => path !== undefined && path in BODIES,
          handler: createAuthMiddleware(async (context) => {
            const { returned, session, newSession } = context.context;
            if (isAPIError(returned)) return;
            const credentialId = String(context.body.response.id);
            if (newSession) await storeUse(credentialId);
            else if (session) {
              const created = { credentialId, userId: session.user.id };
              await refuseOutdatedPasskey(db, created, context);
            }
          }),
        },
      ],
    },
  } satisfies BetterAuthPlugin;

  async function storeUse(credentialId: string): Promise<void> {
    const isUsed = eq(passkey.credentialID, credentialId);
    await db.update(passkey).set({ lastUsedAt: machineNow() }).where(isUsed);
  }

  async function verify(
    response: z.output<typeof authentication>,
    { stored, challenge }: { stored: typeof passkey.$inferSelect; challenge: string },
  ) {
    const { clientDataJSON, authenticatorData, signature } = response.response;
    try {
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response: {
          ...response,
          response: { clientDataJSON, authenticatorData, signature },
          clientExtensionResults: {},
        },
        expectedChallenge: challenge,
        expectedOrigin: origin,
        expectedRPID: hostname,
        credential: {
          id: stored.credentialID,
          publicKey: Uint8Array.from(Buffer.from(stored.publicKey, "base64")),
          counter: stored.counter,
        },
        requireUserVerification: false,
      });
      if (verified) return authenticationInfo;
    } catch {
      // It throws for every response that is not what was expected.
    }
    throw refusal("UNAUTHORIZED", "AUTHENTICATION_FAILED");
  }
}

/** A touch alone proves only that someone has the device. */
function requireUserVerified(isVerified: boolean | undefined): void {
  if (isVerified !== true) throw refusal("FORBIDDEN", "USER_NOT_VERIFIED");
}

async function refuseSurplus(
  db: Database,
  { userId, credentialId }: { userId: string; credentialId: string },
): Promise<void> {
  if ((await db.$count(passkey, eq(passkey.credentialID, credentialId))) > 0) {
    throw refusal("BAD_REQUEST", "PREVIOUSLY_REGISTERED");
  }
  if ((await db.$count(passkey, eq(passkey.userId, userId))) >= MAX_PASSKEYS) {
    throw refusal("BAD_REQUEST", "TOO_MANY_PASSKEYS");
  }
}

function refuseMalformed({ path, body }: GenericEndpointContext): void {
  const parsed = BODIES[path ?? ""]?.safeParse(body);
  if (parsed?.success !== false) return;
  const isName = parsed.error.issues.some((issue) => issue.path[0] === "name");
  throw refusal("BAD_REQUEST", isName ? "INVALID_NAME" : "INVALID_PASSKEY_RESPONSE");
}

const storedChallenge = z.object({
  type: z.enum(["registration", "authentication"]),
  expectedChallenge: z.string(),
  userData: z.object({ id: z.string() }),
});

/**
 * Finds the challenge of the browser's cookie, which may name any other verification, and leaves it.
 * @throws APIError 400 CHALLENGE_NOT_FOUND
 */
async function findChallenge(
  context: GenericEndpointContext,
  type: "registration" | "authentication",
): Promise<{ token: string; text: string; userId: string }> {
  const { secret, internalAdapter } = context.context;
  const { name } = context.context.createAuthCookie(CHALLENGE_COOKIE);
  const token = await context.getSignedCookie(name, secret);
  const stored = token ? await internalAdapter.findVerificationValue(token) : null;
  if (!token || !stored || stored.expiresAt <= machineNow()) throw challengeNotFound();
  const parsed = storedChallenge.safeParse(objectIn(stored.value));
  if (parsed.data?.type !== type) throw challengeNotFound();
  return { token, text: parsed.data.expectedChallenge, userId: parsed.data.userData.id };
}

function objectIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function challengeNotFound(): APIError {
  return refusal("BAD_REQUEST", "CHALLENGE_NOT_FOUND");
}

const MESSAGES = {
  AUTHENTICATION_FAILED: "The passkey could not be verified.",
  CHALLENGE_NOT_FOUND: "The request has expired. Try again.",
  INVALID_NAME: "The name must have 1 to 80 characters that can be seen.",
  INVALID_PASSKEY_RESPONSE: "This is not the response of a passkey.",
  PASSKEY_NOT_FOUND: "The account has no such passkey.",
  PREVIOUSLY_REGISTERED: "This passkey was added before.",
  TOO_MANY_PASSKEYS: "The account has as many passkeys as it can have.",
  USER_NOT_VERIFIED: "The device did not verify the user.",
} as const;

function refusal(
  status: "BAD_REQUEST" | "UNAUTHORIZED" | "FORBIDDEN",
  code: keyof typeof MESSAGES,
): APIError {
  return new APIError(status, { code, message: MESSAGES[code] });
}
