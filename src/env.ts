import { z } from "zod";
import { CAPTCHA_PROVIDERS } from "@/lib/captcha";

/**
 * The environment, parsed once. A missing or malformed variable stops the start with its name. The
 * rest of `src` reads `process.env` only for LOG_LEVEL and for what Next sets.
 */
const blankAsMissing = (value: unknown) => (value === "" ? undefined : value);
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess(blankAsMissing, schema.optional());
const text = (fallback: string) => z.preprocess(blankAsMissing, z.string().default(fallback));
const flagWithDefault = (fallback: "0" | "1") =>
  z
    .preprocess(blankAsMissing, z.enum(["0", "1"]).default(fallback))
    .transform((value) => value === "1");
const flag = flagWithDefault("0");
/** Comma-separated. */
const listOf = <T extends z.ZodType<unknown, string>>(item: T) =>
  text("")
    .transform((list) =>
      list
        .split(",")
        .map((entry) => entry.trim())
        .filter(Boolean),
    )
    .pipe(z.array(item));

const schema = z
  .object({
    /** Set by `dev/start.ts`: embedded Postgres, Stripe simulator and mail preview. */
    QIFLOW_EMBEDDED: flag,
    APP_URL: z.url().transform((url) => url.replace(/\/$/, "")),

    DATABASE_URL: z.string().min(1),
    DATABASE_POOL_MAX: z.coerce.number().int().min(1).max(500).default(10),
    /** "1" behind a transaction-mode pooler, which supports no prepared statements. */
    DATABASE_TRANSACTION_POOLER: flag,

    /** The header that the host overwrites with the client's network address. */
    CLIENT_IP_HEADER: optional(z.string().regex(/^[\w-]+$/)),
    /** Addresses and ranges of our own proxies, whose `X-Forwarded-For` is trusted. */
    TRUSTED_PROXIES: listOf(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])),
    /** Set by Vercel. */
    VERCEL: flag,

    BETTER_AUTH_SECRET: z.string().min(32),
    /** Keys the hashes by which a returning person is recognized. */
    FREE_CREDITS_SECRET: z.string().min(32),
    GOOGLE_CLIENT_ID: optional(z.string()),
    GOOGLE_CLIENT_SECRET: optional(z.string()),
    GITHUB_CLIENT_ID: optional(z.string()),
    GITHUB_CLIENT_SECRET: optional(z.string()),
    /** "1" checks new passwords at haveibeenpwned.com. */
    HAVEIBEENPWNED: flag,
    /** A captcha at sign-up. Needs both keys. */
    CAPTCHA_PROVIDER: optional(z.enum(CAPTCHA_PROVIDERS)),
    CAPTCHA_SITE_KEY: optional(z.string()),
    CAPTCHA_SECRET_KEY: optional(z.string()),
    ADMIN_EMAILS: listOf(z.string().toLowerCase().pipe(z.email())),

    STRIPE_SECRET_KEY: z.string().min(1),
    STRIPE_WEBHOOK_SECRET: z.string().min(1),
    /** Where the Stripe SDK sends its calls: the simulator on this machine. */
    STRIPE_API_BASE: optional(z.url()),
    STRIPE_AUTOMATIC_TAX: flag,
    STRIPE_BILLING_ADDRESS: flag,
    /** Whether Stripe issues an invoice for each one-time purchase. */
    STRIPE_INVOICES: flagWithDefault("1"),
    /** The wallets that the account offers for one-time payments. Pricing names them. */
    STRIPE_WALLETS: listOf(z.enum(["alipay", "wechat_pay"])),

    RESEND_API_KEY: optional(z.string()),
    EMAIL_FROM: text("QiFlow <hello@qiflow.example>"),
    /** Defaults to the address in EMAIL_FROM. */
    SUPPORT_EMAIL: optional(z.email()),

    CRON_SECRET: optional(z.string().min(16)),
    CRON_JOBS_USERNAME: optional(z.string()),
    CRON_JOBS_PASSWORD: optional(z.string().min(8)),

    SENTRY_DSN: optional(z.url()),
    ALERT_WEBHOOK_URL: optional(z.url()),
  })
  .superRefine((env, context) => {
    if (!env.QIFLOW_EMBEDDED) return;
    const refuse = (message: string) =>
      context.addIssue({ code: "custom", path: ["QIFLOW_EMBEDDED"], message });
    // Its mail preview shows everyone's reset links, and its clock can be moved.
    if (/^[sr]k_live_/.test(env.STRIPE_SECRET_KEY)) refuse("is not allowed with a live Stripe key");
    if (!isLoopback(env.APP_URL) || env.APP_URL.startsWith("https:")) {
      refuse("is only allowed with an APP_URL such as http://localhost:3000");
    }
    if (env.VERCEL) refuse("is not allowed on Vercel");
  })
  .superRefine((env, context) => {
    if (env.CAPTCHA_PROVIDER === undefined) return;
    for (const key of ["CAPTCHA_SITE_KEY", "CAPTCHA_SECRET_KEY"] as const) {
      if (env[key] !== undefined) continue;
      context.addIssue({ code: "custom", path: [key], message: "is missing" });
    }
  })
  .superRefine((env, context) => {
    if (env.STRIPE_API_BASE === undefined) return;
    if (!env.STRIPE_SECRET_KEY.startsWith("sk_test_")) {
      context.addIssue({
        code: "custom",
        path: ["STRIPE_API_BASE"],
        message: "is allowed only with an sk_test_ key",
      });
    }
    if (!isLoopback(env.STRIPE_API_BASE)) {
      context.addIssue({
        code: "custom",
        path: ["STRIPE_API_BASE"],
        message: "must point to this machine (127.0.0.1, localhost or [::1])",
      });
    }
  });

function isLoopback(url: string): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(new URL(url).hostname);
}

/** `legacyPrices`: the price variables of earlier versions, which are adopted at start. */
type Env = z.output<typeof schema> & {
  readonly legacyPrices: Readonly<Record<string, string | undefined>>;
};

/** Parses an environment. Throws one error that names every missing or malformed variable. */
export function parseEnv(source: Record<string, string | undefined>): Env {
  const parsed = schema.safeParse(source);
  if (parsed.success) return { ...parsed.data, legacyPrices: legacyPricesOf(source) };
  const lines = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0] ?? "environment");
    const missing = source[name] === undefined || source[name] === "";
    return `  ${name}: ${missing ? "is missing" : issue.message}`;
  });
  throw new Error(
    `The environment is incomplete:\n${lines.join("\n")}\n` +
      "Set these variables (see .env.example) or use the embedded mode, which needs none: `npm run dev` or `npm start -- --embedded`.",
  );
}

function legacyPricesOf(source: Record<string, string | undefined>) {
  const names = Object.entries(source).filter(([name]) =>
    /^STRIPE_(PRICE_|RETIRED_PRICES$)/.test(name),
  );
  return Object.fromEntries(names);
}

/** `next build` imports every route. These values make sure that it reaches no service. */
const BUILD_DEFAULTS = {
  APP_URL: "http://localhost:3000",
  DATABASE_URL: "postgres://build@127.0.0.1:1/none",
  BETTER_AUTH_SECRET: "only-while-building-never-at-run-time",
  FREE_CREDITS_SECRET: "only-while-building-never-at-run-time",
  STRIPE_SECRET_KEY: "sk_test_build",
  STRIPE_WEBHOOK_SECRET: "whsec_build",
};

const isBuild = process.env.NEXT_PHASE === "phase-production-build";

export const env: Env = parseEnv(isBuild ? { ...BUILD_DEFAULTS, ...process.env } : process.env);
