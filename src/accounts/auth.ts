import "server-only";
import { type AuthOptions, createAuth, type SocialProvider } from "@/auth/create-auth";
import { isBreachedPassword } from "@/auth/guessable-passwords";
import { db } from "@/db";
import { env } from "@/env";
import { clientAddressSource } from "@/lib/client-address";
import { freeCreditsPolicy } from "@/rewards/free-credits-policy";
import { deliverEmailsAfterResponse } from "./deliver-emails";
import { provisionAccount } from "./sign-up";

/** The application's auth options. */
export const authOptions: AuthOptions = {
  db,
  appUrl: env.APP_URL,
  secret: env.BETTER_AUTH_SECRET,
  trustLoopback: env.QIFLOW_EMBEDDED,
  adminEmails: env.ADMIN_EMAILS,
  google: provider(env.GOOGLE_CLIENT_ID, env.GOOGLE_CLIENT_SECRET),
  github: provider(env.GITHUB_CLIENT_ID, env.GITHUB_CLIENT_SECRET),
  isBreachedPassword: env.HAVEIBEENPWNED ? isBreachedPassword : undefined,
  clientAddress: clientAddressSource(env),
  provisionAccount: (database, person) =>
    provisionAccount(database, { ...person, policy: freeCreditsPolicy }),
  onEmailQueued: deliverEmailsAfterResponse,
};

/** The application's better-auth. */
export const auth = createAuth(authOptions);

/** The configured providers, which the sign-in page offers. */
export const socialProviders = (["google", "github"] as const).filter(
  (name) => authOptions[name] !== undefined,
);

function provider(
  clientId: string | undefined,
  clientSecret: string | undefined,
): SocialProvider | undefined {
  return clientId && clientSecret ? { clientId, clientSecret } : undefined;
}
