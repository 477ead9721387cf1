import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { parseEnv as ParseEnv } from "@/env";

const run = promisify(execFile);

/** Importing the module parses this process's environment, so it is imported as during a build. */
let parseEnv: typeof ParseEnv;
beforeAll(async () => {
  vi.stubEnv("NEXT_PHASE", "phase-production-build");
  ({ parseEnv } = await import("@/env"));
});

const COMPLETE = {
  APP_URL: "https://qiflow.example/",
  DATABASE_URL: "postgres://app@db.example/qiflow",
  BETTER_AUTH_SECRET: "a secret of thirty-two characters or more",
  FREE_CREDITS_SECRET: "a key of thirty-two characters or more",
  STRIPE_SECRET_KEY: "sk_live_1",
  STRIPE_WEBHOOK_SECRET: "whsec_1",
};

const CAPTCHA = { CAPTCHA_PROVIDER: "turnstile", CAPTCHA_SITE_KEY: "site" };

describe("parseEnv", () => {
  it("accepts the required variables and fills in the defaults", () => {
    expect(parseEnv(COMPLETE)).toMatchObject({
      APP_URL: "https://qiflow.example",
      ADMIN_EMAILS: [],
      TRUSTED_PROXIES: [],
      VERCEL: false,
      QIFLOW_EMBEDDED: false,
    });
  });

  it.each(Object.keys(COMPLETE))("names %s if it is missing or blank", (name) => {
    for (const value of [undefined, ""]) {
      expect(() => parseEnv({ ...COMPLETE, [name]: value })).toThrow(`${name}: is missing`);
    }
  });

  it("names every missing variable and suggests the embedded mode", () => {
    const bare = () => parseEnv({});
    for (const name of Object.keys(COMPLETE)) expect(bare).toThrow(name);
    expect(bare).toThrow("npm start -- --embedded");
  });

  it.each([
    ["a short secret", { BETTER_AUTH_SECRET: "short" }, "BETTER_AUTH_SECRET"],
    ["an invalid email address", { ADMIN_EMAILS: "boss@example.com, nobody" }, "ADMIN_EMAILS"],
    ["a captcha without its secret key", CAPTCHA, "CAPTCHA_SECRET_KEY: is missing"],
    ["an unknown captcha", { ...CAPTCHA, CAPTCHA_PROVIDER: "sums" }, "CAPTCHA_PROVIDER"],
    ["a proxy that is not an address", { TRUSTED_PROXIES: "10.0.0.0/8, proxy" }, "TRUSTED_PROXIES"],
    ["an invalid header name", { CLIENT_IP_HEADER: "x forwarded for" }, "CLIENT_IP_HEADER"],
    [
      "a Stripe API base with a live key",
      { STRIPE_API_BASE: "http://127.0.0.1:1" },
      "STRIPE_API_BASE",
    ],
    [
      "a Stripe API base on another host",
      { STRIPE_SECRET_KEY: "sk_test_1", STRIPE_API_BASE: "https://stripe.example" },
      "STRIPE_API_BASE",
    ],
  ])("rejects %s", (_, change, name) => {
    expect(() => parseEnv({ ...COMPLETE, ...change })).toThrow(name);
  });

  const EMBEDDED = {
    ...COMPLETE,
    QIFLOW_EMBEDDED: "1",
    APP_URL: "http://localhost:3000",
    STRIPE_SECRET_KEY: "sk_test_1",
  };

  it.each([
    ["a live secret key", { STRIPE_SECRET_KEY: "sk_live_1" }],
    ["a live restricted key", { STRIPE_SECRET_KEY: "rk_live_1" }],
    ["https", { APP_URL: "https://localhost:3000" }],
    ["an address of another machine", { APP_URL: "http://qiflow.example" }],
    ["Vercel", { VERCEL: "1" }],
  ])("rejects the embedded mode with %s", (_, change) => {
    expect(() => parseEnv(EMBEDDED)).not.toThrow();
    expect(() => parseEnv({ ...EMBEDDED, ...change })).toThrow("QIFLOW_EMBEDDED: is ");
  });

  it("asks for invoices of one-time purchases unless they are switched off", () => {
    expect(parseEnv({ ...COMPLETE, STRIPE_INVOICES: "" }).STRIPE_INVOICES).toBe(true);
    expect(parseEnv({ ...COMPLETE, STRIPE_INVOICES: "0" }).STRIPE_INVOICES).toBe(false);
  });

  it("splits comma-separated lists", () => {
    const lists = {
      ADMIN_EMAILS: "Boss@Example.com, b@example.com",
      TRUSTED_PROXIES: "::1,10.0.0.0/8",
    };
    expect(parseEnv({ ...COMPLETE, ...lists })).toMatchObject({
      ADMIN_EMAILS: ["boss@example.com", "b@example.com"],
      TRUSTED_PROXIES: ["::1", "10.0.0.0/8"],
    });
  });
});

describe("checkEnvironment", () => {
  it("stops the start of a server with a missing variable", async () => {
    const { PATH } = process.env;
    const script = 'import("./dev/laptop/start-app.ts").then((app) => app.checkEnvironment())';
    const start = run(process.execPath, ["--import", "tsx", "-e", script], {
      env: { PATH, NODE_ENV: "production", ...COMPLETE, STRIPE_WEBHOOK_SECRET: "" },
    });
    await expect(start).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("STRIPE_WEBHOOK_SECRET: is missing"),
    });
  });
});
