import { z } from "zod";

/**
 * The environment, parsed once. A missing or malformed variable stops the start with its name and
 * what to do about it; nothing else in `src` reads `process.env` (but `NODE_ENV` and `LOG_LEVEL`).
 */
const blankAsMissing = (value: unknown) => (value === "" ? undefined : value);
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess(blankAsMissing, schema.optional());
const flag = z
  .preprocess(blankAsMissing, z.enum(["0", "1"]).default("0"))
  .transform((v) => v === "1");
const emailList = z
  .preprocess(blankAsMissing, z.string().default(""))
  .transform((list) =>
    list
      .split(",")
      .map((email) => email.trim().toLowerCase())
      .filter(Boolean),
  )
  .pipe(z.array(z.email()));

const addressList = z
  .preprocess(blankAsMissing, z.string().default(""))
  .transform((list) =>
    list
      .split(",")
      .map((address) => address.trim())
      .filter(Boolean),
  )
  .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])));

const schema = z
  .object({
    /** Set by `dev/start.ts`: a laptop's Postgres, Stripe simulator and mail page stand behind the app. */
    QIFLOW_EMBEDDED: flag,
    APP_URL: z.url().transform((url) => url.replace(/\/$/, "")),

    DATABASE_URL: z.string().min(1),
    DATABASE_POOL_MAX: z.coerce.number().int().min(1).max(500).default(10),
    /** "1" behind a transaction-mode pooler, which keeps no prepared statements. */
    DATABASE_TRANSACTION_POOLER: flag,

    /** Where the caller's network address stands, if the host in front overwrites a header with it. */
    CLIENT_IP_HEADER: optional(z.string().regex(/^[\w-]+$/)),
    /** Addresses and ranges of our own proxies, whose `X-Forwarded-For` is believed. */
    TRUSTED_PROXIES: addressList,
    /** Set by Vercel itself. */
    VERCEL: flag,

    BETTER_AUTH_SECRET: z.string().min(32),
    GOOGLE_CLIENT_ID: optional(z.string()),
    GOOGLE_CLIENT_SECRET: optional(z.string()),
    GITHUB_CLIENT_ID: optional(z.string()),
    GITHUB_CLIENT_SECRET: optional(z.string()),
    ADMIN_EMAILS: emailList,

    STRIPE_SECRET_KEY: z.string().min(1),
    STRIPE_WEBHOOK_SECRET: z.string().min(1),
    /** Where the Stripe SDK sends its calls instead of Stripe: the simulator on this machine. */
    STRIPE_API_BASE: optional(z.url()),
    STRIPE_PRICE_PRO_MONTHLY: z.string().min(1),
    STRIPE_PRICE_PRO_YEARLY: z.string().min(1),
    STRIPE_PRICE_LIFETIME: z.string().min(1),
    STRIPE_PRICE_PACK_BASIC: z.string().min(1),
    STRIPE_PRICE_PACK_STANDARD: z.string().min(1),
    STRIPE_PRICE_PACK_PREMIUM: z.string().min(1),
    STRIPE_PRICE_PACK_ENTERPRISE: z.string().min(1),
    /** Prices nobody can buy any more, whose owners keep their credits: `price_x=pro-monthly,price_y=lifetime`. */
    STRIPE_RETIRED_PRICES: z.preprocess(blankAsMissing, z.string().default("")),
    STRIPE_AUTOMATIC_TAX: flag,
    STRIPE_BILLING_ADDRESS: flag,

    RESEND_API_KEY: optional(z.string()),
    EMAIL_FROM: z.preprocess(blankAsMissing, z.string().default("QiFlow <hello@qiflow.example>")),

    /** Where people write to; without it, the address that e-mails come from. */
    SUPPORT_EMAIL: optional(z.email()),

    CRON_SECRET: optional(z.string().min(16)),
    CRON_JOBS_USERNAME: optional(z.string()),
    CRON_JOBS_PASSWORD: optional(z.string().min(8)),

    SENTRY_DSN: optional(z.url()),
    ALERT_WEBHOOK_URL: optional(z.url()),
  })
  .superRefine((env, context) => {
    if (env.STRIPE_API_BASE === undefined) return;
    if (!env.STRIPE_SECRET_KEY.startsWith("sk_test_")) {
      context.addIssue({
        code: "custom",
        path: ["STRIPE_API_BASE"],
        message: "may be set only together with an sk_test_ key",
      });
    }
    if (!["127.0.0.1", "localhost", "[::1]"].includes(new URL(env.STRIPE_API_BASE).hostname)) {
      context.addIssue({
        code: "custom",
        path: ["STRIPE_API_BASE"],
        message: "may only point at this machine (127.0.0.1, localhost or [::1])",
      });
    }
  });

export type Env = z.output<typeof schema>;

/** Parses an environment; throws one error that names every variable that is missing or wrong. */
export function parseEnv(source: Record<string, string | undefined>): Env {
  const parsed = schema.safeParse(source);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0] ?? "environment");
    const missing = source[name] === undefined || source[name] === "";
    return `  ${name}: ${missing ? "is missing" : issue.message}`;
  });
  throw new Error(
    `The environment is not complete:\n${lines.join("\n")}\n` +
      "Set what is named above (.env.example explains each), or ask for the embedded mode, which needs nothing set: `npm run dev`, or `npm start -- --embedded`.",
  );
}

/** `next build` imports every route without a server behind it; it gets values that can reach nothing. */
const forBuild = {
  APP_URL: "http://localhost:3000",
  DATABASE_URL: "postgres://build@127.0.0.1:1/none",
  BETTER_AUTH_SECRET: "only-while-building-never-at-run-time",
  STRIPE_SECRET_KEY: "sk_test_build",
  STRIPE_WEBHOOK_SECRET: "whsec_build",
  STRIPE_PRICE_PRO_MONTHLY: "price_pro_monthly",
  STRIPE_PRICE_PRO_YEARLY: "price_pro_yearly",
  STRIPE_PRICE_LIFETIME: "price_lifetime",
  STRIPE_PRICE_PACK_BASIC: "price_pack_basic",
  STRIPE_PRICE_PACK_STANDARD: "price_pack_standard",
  STRIPE_PRICE_PACK_PREMIUM: "price_pack_premium",
  STRIPE_PRICE_PACK_ENTERPRISE: "price_pack_enterprise",
};

const building = process.env.NEXT_PHASE === "phase-production-build";

export const env: Env = parseEnv(building ? { ...forBuild, ...process.env } : process.env);
