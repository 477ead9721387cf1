import "server-only";
import { db } from "@/db";
import { env } from "@/env";
import type { AuthOptions, SocialProvider } from "./auth-options";
import { clientAddress } from "./client-address";
import { createAuth } from "./create-auth";
import { deliverSoon } from "./deliver-soon";

/** What the app's better-auth is made of; `session.ts` needs it to repeat `onUserCreated`. */
export const authOptions: AuthOptions = {
  db,
  appUrl: env.APP_URL,
  secret: env.BETTER_AUTH_SECRET,
  trustLoopback: env.QIFLOW_EMBEDDED,
  adminEmails: env.ADMIN_EMAILS,
  google: provider(env.GOOGLE_CLIENT_ID, env.GOOGLE_CLIENT_SECRET),
  github: provider(env.GITHUB_CLIENT_ID, env.GITHUB_CLIENT_SECRET),
  clientAddress: clientAddress({
    header: env.CLIENT_IP_HEADER,
    trustedProxies: env.TRUSTED_PROXIES,
    onVercel: env.VERCEL,
  }),
  onEmailQueued: deliverSoon,
};

/** The app's better-auth. */
export const auth = createAuth(authOptions);

/** Which providers the sign-in page offers. */
export const socialProviders = (["google", "github"] as const).filter(
  (name) => authOptions[name] !== undefined,
);
export type SocialProviderName = (typeof socialProviders)[number];

function provider(
  clientId: string | undefined,
  clientSecret: string | undefined,
): SocialProvider | undefined {
  return clientId && clientSecret ? { clientId, clientSecret } : undefined;
}
