import type { LocalSecrets } from "./local-secrets";

/** Which services are local, because no variable names a real one. */
export type Backing = {
  readonly embeddedDatabase: boolean;
  readonly simulatedStripe: boolean;
  readonly localMail: boolean;
};

export const DEMO_EMAIL = "demo@qiflow.example";
export const ADMIN_EMAIL = "admin@qiflow.example";

export type AppEnvironment = Record<string, string> & { APP_URL: string; CRON_SECRET: string };

type Variables = Readonly<Record<string, string | undefined>>;

/** An empty value counts as not set, so that a copied .env.example changes nothing. */
export function chooseBacking(given: Variables): Backing {
  return {
    embeddedDatabase: !given.DATABASE_URL,
    simulatedStripe: !given.STRIPE_SECRET_KEY,
    localMail: !given.RESEND_API_KEY,
  };
}

/**
 * The application's environment in embedded mode: the given variables, with local defaults for the
 * rest. Secrets of a real Stripe account have no default: src/env.ts reports them as missing.
 */
export function appEnvironment(options: {
  given: Variables;
  backing: Backing;
  secrets: LocalSecrets;
  port: number;
  databaseUrl: string | null;
  simulatorUrl: string | null;
}): AppEnvironment {
  const { given, backing, secrets } = options;
  const defaults = {
    BETTER_AUTH_SECRET: secrets.betterAuthSecret,
    FREE_CREDITS_SECRET: secrets.freeCreditsSecret,
    CRON_JOBS_USERNAME: "qiflow",
    CRON_JOBS_PASSWORD: secrets.cronJobsPassword,
    ...(options.databaseUrl === null ? {} : { DATABASE_URL: options.databaseUrl }),
  };
  const anyOfOurs = Object.values(backing).includes(true);
  return {
    ...defaults,
    ...withoutBlanks(given),
    ...(options.simulatorUrl === null ? {} : simulatedStripe(secrets, options.simulatorUrl)),
    CRON_SECRET: given.CRON_SECRET || secrets.cronSecret,
    ADMIN_EMAILS: adminEmails(given.ADMIN_EMAILS, backing),
    APP_URL: appUrl(given.APP_URL, options.port),
    QIFLOW_EMBEDDED: anyOfOurs ? "1" : "0",
    NEXT_TELEMETRY_DISABLED: "1",
    PORT: String(options.port),
  };
}

function simulatedStripe(secrets: LocalSecrets, apiBase: string): Record<string, string> {
  return {
    STRIPE_SECRET_KEY: secrets.stripeSecretKey,
    STRIPE_WEBHOOK_SECRET: secrets.stripeWebhookSecret,
    STRIPE_API_BASE: apiBase,
    // The simulator's payment page has both.
    STRIPE_WALLETS: "wechat_pay,alipay",
  };
}

/** Keeps a tunnel's address. A localhost address gets the port that was actually free. */
function appUrl(given: string | undefined, port: number): string {
  if (given && URL.canParse(given) && new URL(given).hostname !== "localhost") return given;
  return `http://localhost:${port}`;
}

function adminEmails(given: string | undefined, backing: Backing): string {
  const emails = (given ?? "").split(",").map((email) => email.trim());
  const seeded = backing.embeddedDatabase ? [ADMIN_EMAIL] : [];
  return [...new Set([...emails.filter(Boolean), ...seeded])].join(",");
}

function withoutBlanks(variables: Variables): Record<string, string> {
  const set = Object.entries(variables).flatMap(([name, value]) =>
    value ? [[name, value] as const] : [],
  );
  return Object.fromEntries(set);
}
