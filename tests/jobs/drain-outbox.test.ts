import { type Simulator, startSimulator } from "@qiflow/stripe-simulator/start-simulator";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { enqueueStripeCall } from "@/billing/stripe/stripe-calls";
import { outbox } from "@/db/schema";
import { enqueueEmail } from "@/emails/enqueue-email";
import { now } from "@/lib/clock";
import { simulatorPrices } from "../../dev/laptop/simulator-prices";
import { type AlertServices, startAlertServices } from "../alerts/alert-services";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { stubEnvironment } from "../support/stub-environment";

let test: TestDatabase;
let services: AlertServices;
let simulator: Simulator;

beforeAll(async () => {
  test = await createTestDatabase();
  services = await startAlertServices();
  simulator = await startSimulator({
    secretKey: "sk_test_distribution",
    webhookSecret: "whsec_distribution",
    quiet: true,
    prices: simulatorPrices(),
    retryDelaysMs: [],
    onClockMoved: async () => {},
  });
  vi.resetModules();
  stubEnvironment({
    DATABASE_URL: test.appUrl,
    STRIPE_API_BASE: simulator.apiBase,
    ...services.environment,
  });
});
afterAll(async () => {
  const { db } = await import("@/db");
  await db.$client.end({ timeout: 5 });
  services.close();
  await simulator.close();
  await test.close();
});

describe("drainOutbox", () => {
  it("delivers Stripe calls, emails and alerts when called concurrently", async () => {
    const { drainOutbox } = await import("@/jobs/drain-outbox");
    const { sendAlert } = await import("@/alerts/send-alert");
    const at = now();
    // A subscription that Stripe does not know counts as canceled.
    const call = { do: "cancel-now", subscriptionId: "sub_of_a_deleted_account" } as const;
    await test.db.transaction((tx) =>
      enqueueStripeCall(tx, { key: "account:mei:cancel", userId: "mei", call, now: at }),
    );
    await enqueueEmail(test.db, {
      template: "account-deleted",
      props: {},
      key: "gone",
      userId: null,
      to: "mei@example.com",
      locale: "en",
      now: at,
    });
    await sendAlert(test.db, { key: "fact", subject: "A fact", facts: {}, now: at });
    await Promise.all([drainOutbox(), drainOutbox(), drainOutbox()]);
    expect(await test.db.$count(outbox, eq(outbox.status, "done"))).toBe(6);
    expect(services.chat()).toHaveLength(1);
  });
});
