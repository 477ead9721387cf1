import { vi } from "vitest";

/** Stubs the environment that `src/env.ts` parses. Import dependents of it after this call. */
export function stubEnvironment(variables: Readonly<Record<string, string>>): void {
  const environment = {
    APP_URL: "http://localhost:3000",
    BETTER_AUTH_SECRET: "a-secret-for-the-tests-and-for-nothing-else",
    FREE_CREDITS_SECRET: "another-secret-for-the-tests-and-for-nothing-else",
    STRIPE_SECRET_KEY: "sk_test_distribution",
    STRIPE_WEBHOOK_SECRET: "whsec_distribution",
    ...variables,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
}
