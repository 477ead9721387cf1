import { type Simulator, startSimulator } from "@qiflow/stripe-simulator/start-simulator";
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { enqueueAlert } from "@/alerts/alert";
import { enqueueStripeCall } from "@/billing/stripe/stripe-calls";
import { outbox } from "@/db/schema";
import { enqueueEmail } from "@/emails/enqueue-email";
import { now } from "@/lib/clock";
import { onEntriesWritten } from "@/outbox/written-entries";
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

  it("delivers the caller's own entries once, before the older ones of a batch", async () => {
    const { drainOutbox } = await import("@/jobs/drain-outbox");
    services.clear();
    const keys = ["batch-1", "batch-2", "own"];
    for (const key of keys) {
      const alert = { key, subject: key, facts: {}, now: now() };
      await enqueueAlert(test.db, alert, { emails: [], webhook: true, sentry: false });
    }
    const own = ["alert:own:webhook"];
    await Promise.all([drainOutbox(own), drainOutbox(own)]);
    const subjects = services.chat().map(({ body }) => JSON.parse(body).text);
    expect(subjects).toEqual(["own", "batch-1", "batch-2"]);
  });
});

describe("drainAfterResponses", () => {
  afterEach(() => onEntriesWritten(() => {}));

  it("reports every kind of entry to the listener and writes it without one", async () => {
    const heard: string[] = [];
    onEntriesWritten((keys) => heard.push(...keys));
    const at = now();
    const call = { do: "void-invoice", invoiceId: "in_1" } as const;
    await test.db.transaction((tx) =>
      enqueueStripeCall(tx, { key: "heard:call", userId: "mei", call, now: at }),
    );
    const alert = { key: "heard", subject: "Heard", facts: {}, now: at };
    await enqueueAlert(test.db, alert, { emails: [], webhook: true, sentry: false });
    await enqueueEmail(test.db, {
      template: "account-deleted",
      props: {},
      key: "heard",
      userId: null,
      to: "mei@example.com",
      locale: "en",
      now: at,
    });
    expect(heard).toEqual(["heard:call", "alert:heard:webhook", "email:heard"]);
  });

  it("leaves entries that no request wrote to the tick", async () => {
    const { drainAfterResponses } = await import("@/app/drain-after-response");
    drainAfterResponses();
    const alert = { key: "no-request", subject: "No request", facts: {}, now: now() };
    await enqueueAlert(test.db, alert, { emails: [], webhook: true, sentry: false });
    const key = "alert:no-request:webhook";
    expect(await test.db.$count(outbox, eq(outbox.idempotencyKey, key))).toBe(1);
  });
});
