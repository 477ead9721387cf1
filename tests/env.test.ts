import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it, vi } from "vitest";
import type { parseEnv as ParseEnv } from "@/env";

const run = promisify(execFile);

/** Loading the module parses this process's own environment, as a build does with stand-ins. */
let parseEnv: typeof ParseEnv;
beforeAll(async () => {
  vi.stubEnv("NEXT_PHASE", "phase-production-build");
  ({ parseEnv } = await import("@/env"));
});

const COMPLETE = {
  APP_URL: "https://qiflow.example/",
  DATABASE_URL: "postgres://app@db.example/qiflow",
  BETTER_AUTH_SECRET: "a secret of thirty-two characters or more",
  STRIPE_SECRET_KEY: "sk_live_1",
  STRIPE_WEBHOOK_SECRET: "whsec_1",
  STRIPE_PRICE_PRO_MONTHLY: "price_1",
  STRIPE_PRICE_PRO_YEARLY: "price_2",
  STRIPE_PRICE_LIFETIME: "price_3",
  STRIPE_PRICE_PACK_BASIC: "price_4",
  STRIPE_PRICE_PACK_STANDARD: "price_5",
  STRIPE_PRICE_PACK_PREMIUM: "price_6",
  STRIPE_PRICE_PACK_ENTERPRISE: "price_7",
};

describe("the environment", () => {
  it("is complete with what a server needs, and the rest has defaults", () => {
    expect(parseEnv(COMPLETE)).toMatchObject({
      APP_URL: "https://qiflow.example",
      ADMIN_EMAILS: [],
      TRUSTED_PROXIES: [],
      VERCEL: false,
      QIFLOW_EMBEDDED: false,
    });
  });

  it.each(Object.keys(COMPLETE))("names %s when it is missing or blank", (name) => {
    for (const value of [undefined, ""]) {
      expect(() => parseEnv({ ...COMPLETE, [name]: value })).toThrow(`${name}: is missing`);
    }
  });

  it("names all that is missing at once, and how to do without", () => {
    const bare = () => parseEnv({});
    for (const name of Object.keys(COMPLETE)) expect(bare).toThrow(name);
    expect(bare).toThrow("npm start -- --embedded");
  });

  it.each([
    ["a secret too short to be one", { BETTER_AUTH_SECRET: "short" }, "BETTER_AUTH_SECRET"],
    ["an address that is none", { ADMIN_EMAILS: "boss@example.com, nobody" }, "ADMIN_EMAILS"],
    ["a proxy that is no address", { TRUSTED_PROXIES: "10.0.0.0/8, proxy" }, "TRUSTED_PROXIES"],
    ["a header that is none", { CLIENT_IP_HEADER: "x forwarded for" }, "CLIENT_IP_HEADER"],
    [
      "another Stripe with a live key",
      { STRIPE_API_BASE: "http://127.0.0.1:1" },
      "STRIPE_API_BASE",
    ],
    [
      "another Stripe elsewhere",
      { STRIPE_SECRET_KEY: "sk_test_1", STRIPE_API_BASE: "https://stripe.example" },
      "STRIPE_API_BASE",
    ],
  ])("refuses %s", (_, change, name) => {
    expect(() => parseEnv({ ...COMPLETE, ...change })).toThrow(name);
  });

  it("takes lists apart", () => {
    const lists = {
      ADMIN_EMAILS: "Boss@Example.com, b@example.com",
      TRUSTED_PROXIES: "::1,10.0.0.0/8",
    };
    expect(parseEnv({ ...COMPLETE, ...lists })).toMatchObject({
      ADMIN_EMAILS: ["boss@example.com", "b@example.com"],
      TRUSTED_PROXIES: ["::1", "10.0.0.0/8"],
    });
  });

  it("stops a server that lacks it, before anything is started", async () => {
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
