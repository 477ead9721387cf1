import { vi } from "vitest";

/** Stubs the environment that `src/env.ts` parses. Import dependents of it after this call. */
export function stubEnvironment(variables: Readonly<Record<string, string>>): void {
  const environment = {
    APP_URL: "http://localhost:3000",
    BETTER_AUTH_SECRET: "a-secret-for-the-tests-and-for-nothing-else",
    STRIPE_SECRET_KEY: "sk_test_distribution",
    STRIPE_WEBHOOK_SECRET: "whsec_distribution",
    STRIPE_PRICE_PRO_MONTHLY: "price_pro_monthly",
    STRIPE_PRICE_PRO_YEARLY: "price_pro_yearly",
    STRIPE_PRICE_LIFETIME: "price_lifetime",
    STRIPE_PRICE_PACK_BASIC: "price_pack_basic",
    STRIPE_PRICE_PACK_STANDARD: "price_pack_standard",
    STRIPE_PRICE_PACK_PREMIUM: "price_pack_premium",
    STRIPE_PRICE_PACK_ENTERPRISE: "price_pack_enterprise",
    ...variables,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
}
