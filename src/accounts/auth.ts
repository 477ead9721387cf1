import "server-only";
import { type AuthOptions, createAuth, type SocialProvider } from "@/auth/create-auth";
import { isBreachedPassword } from "@/auth/guessable-passwords";
import { db } from "@/db";
import { env } from "@/env";
import type { CaptchaWidget } from "@/lib/captcha";
import { clientAddressSource } from "@/lib/client-address";
import { freeCreditsPolicy } from "@/rewards/free-credits-policy";
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
  captcha:
    env.CAPTCHA_PROVIDER && env.CAPTCHA_SECRET_KEY
      ? { provider: env.CAPTCHA_PROVIDER, secretKey: env.CAPTCHA_SECRET_KEY }
      : undefined,
  clientAddress: clientAddressSource(env),
  provisionAccount: (database, person) =>
    provisionAccount(database, { ...person, policy: freeCreditsPolicy }),
};

/** The application's better-auth. */
export const auth = createAuth(authOptions);

/** The configured providers, which the sign-in page offers. */
export const socialProviders = (["google", "github"] as const).filter(
  (name) => authOptions[name] !== undefined,
);

/** The captcha that the sign-up page shows; null if there is none. */
export const captchaWidget: CaptchaWidget | null =
  env.CAPTCHA_PROVIDER && env.CAPTCHA_SITE_KEY
    ? { provider: env.CAPTCHA_PROVIDER, siteKey: env.CAPTCHA_SITE_KEY }
    : null;

function provider(
  clientId: string | undefined,
  clientSecret: string | undefined,
): SocialProvider | undefined {
  return clientId && clientSecret ? { clientId, clientSecret } : undefined;
}
