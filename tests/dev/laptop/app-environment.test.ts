import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appEnvironment, chooseBacking } from "../../../dev/laptop/app-environment";
import { type LocalSecrets, loadLocalSecrets } from "../../../dev/laptop/local-secrets";

let directory: string;
let secrets: LocalSecrets;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "qiflow-environment-"));
  secrets = await loadLocalSecrets(directory);
});

afterAll(() => rm(directory, { recursive: true, force: true }));

function environmentFor(given: Record<string, string>) {
  const backing = chooseBacking(given);
  return appEnvironment({
    given,
    backing,
    secrets,
    port: 3004,
    databaseUrl: backing.embeddedDatabase ? "postgres://embedded" : null,
    simulatorUrl: backing.simulatedStripe ? "http://127.0.0.1:15000" : null,
  });
}

describe("appEnvironment", () => {
  it("uses local services for everything when nothing is set", () => {
    const env = environmentFor({});
    expect(env).toMatchObject({
      QIFLOW_EMBEDDED: "1",
      APP_URL: "http://localhost:3004",
      DATABASE_URL: "postgres://embedded",
      STRIPE_API_BASE: "http://127.0.0.1:15000",
      STRIPE_SECRET_KEY: secrets.stripeSecretKey,
      CRON_SECRET: secrets.cronSecret,
      ADMIN_EMAILS: "admin@qiflow.example",
    });
  });

  it("treats empty variables as not set", () => {
    const env = environmentFor({ DATABASE_URL: "", BETTER_AUTH_SECRET: "", CRON_SECRET: "" });
    expect(env).toEqual(environmentFor({}));
  });

  it("never combines a real Stripe key with generated secrets or simulator prices", () => {
    const env = environmentFor({ STRIPE_SECRET_KEY: "sk_test_real" });
    expect(env.STRIPE_SECRET_KEY).toBe("sk_test_real");
    for (const name of ["STRIPE_API_BASE", "STRIPE_WEBHOOK_SECRET"]) {
      expect(env).not.toHaveProperty(name);
    }
  });

  it("uses a given database and given secrets unchanged", () => {
    const env = environmentFor({
      DATABASE_URL: "postgres://mine",
      CRON_SECRET: "my-own-cron-secret",
    });
    expect(env).toMatchObject({
      DATABASE_URL: "postgres://mine",
      CRON_SECRET: "my-own-cron-secret",
    });
    expect(env.ADMIN_EMAILS).toBe("");
  });

  it("embeds nothing when every service is given", () => {
    const real = { DATABASE_URL: "postgres://mine", STRIPE_SECRET_KEY: "sk", RESEND_API_KEY: "re" };
    expect(environmentFor(real).QIFLOW_EMBEDDED).toBe("0");
  });

  it("derives the address from the port unless it is a tunnel's", () => {
    expect(environmentFor({ APP_URL: "http://localhost:3000" }).APP_URL).toBe(
      "http://localhost:3004",
    );
    const tunnel = "https://qiflow.tunnel.example";
    expect(environmentFor({ APP_URL: tunnel }).APP_URL).toBe(tunnel);
  });

  it("adds the given admins to the seeded one", () => {
    expect(environmentFor({ ADMIN_EMAILS: "me@home.example, " }).ADMIN_EMAILS).toBe(
      "me@home.example,admin@qiflow.example",
    );
  });
});
