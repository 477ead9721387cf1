import diagnostics from "node:diagnostics_channel";
import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { BillingDeps } from "@/billing/deps";
import { HANDLED_EVENT_TYPES } from "@/billing/inbox/process-event";
import { handleStripeWebhook, WEBHOOK_TIMEOUT_MS } from "@/billing/inbox/receive-event";
import { isOutage, StripeTimeout } from "@/billing/stripe/call-stripe";
import { createStripe } from "@/integrations/create-stripe";
import { connectToDatabase } from "../../support/connect-to-database";
import { stubEnvironment } from "../../support/stub-environment";
import { BillingFixture, SECRET_KEY } from "../billing-fixture";
import { type Events, runUndelivered } from "../scenarios/final-state";
import { SCENARIOS } from "../scenarios/scenarios";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(() => fixture.expectBalanced());
afterAll(() => fixture.close());

async function deliver(
  billing: BillingDeps,
  event: Events[number],
  options: Parameters<typeof handleStripeWebhook>[2] = {},
): Promise<number> {
  const { body, header } = fixture.control.signedPayload(event);
  const headers = { "stripe-signature": header };
  const request = new Request("http://localhost/", { method: "POST", body, headers });
  return (await handleStripeWebhook(billing, request, options)).status;
}

/** Diagnostics channels of every HTTP request of this process: Node's client and fetch. */
const REQUESTS = ["http.client.request.start", "undici:request:create"];

describe("handleStripeWebhook", () => {
  it("makes no network call inside a transaction", async () => {
    const db = connectToDatabase(fixture.database.appUrl, { max: 2 });
    const transaction = db.transaction.bind(db);
    let open = 0;
    let transactions = 0;
    db.transaction = async <T>(
      work: (tx: Parameters<Parameters<typeof transaction>[0]>[0]) => Promise<T>,
    ) => {
      open += 1;
      transactions += 1;
      return transaction(work).finally(() => {
        open -= 1;
      });
    };
    const requests = { inside: 0, outside: 0 };
    const count = () => {
      requests[open > 0 ? "inside" : "outside"] += 1;
    };
    for (const name of REQUESTS) diagnostics.subscribe(name, count);
    const typesWithCalls = new Set<string>();
    try {
      for (const scenario of SCENARIOS) {
        const { events } = await runUndelivered(fixture, scenario, await fixture.signUp());
        for (const event of events) {
          const before = { ...requests, transactions };
          expect(await deliver({ ...fixture.billing, db }, event)).toBe(200);
          expect(requests.inside, event.type).toBe(before.inside);
          expect(transactions, event.type).toBeGreaterThan(before.transactions);
          if (requests.outside > before.outside) typesWithCalls.add(event.type);
        }
        await fixture.deliverCalls();
      }
    } finally {
      for (const name of REQUESTS) diagnostics.unsubscribe(name, count);
      await db.$client.end({ timeout: 5 });
    }
    expect(HANDLED_EVENT_TYPES.filter((type) => !typesWithCalls.has(type))).toEqual([]);
  });

  it("returns 500 and counts the attempt when Stripe hangs; the retry grants once", () =>
    expectCountedAndRetried({ client: { maxNetworkRetries: 1, timeoutMs: 50 } }));

  it("limits all calls and retries of the client together", () =>
    expectCountedAndRetried({ client: {}, timeoutMs: 50 }));

  it("treats a timeout as an outage", () => {
    const slow = new StripeTimeout(60_000);
    expect(isOutage(slow)).toBe(true);
    expect(slow.message).toBe("Stripe did not respond within 60 s.");
  });

  async function expectCountedAndRetried({
    client,
    ...options
  }: {
    client: { maxNetworkRetries?: number; timeoutMs?: number };
    timeoutMs?: number;
  }): Promise<void> {
    const hanging = createServer(() => {});
    hanging.listen(0, "127.0.0.1");
    await once(hanging, "listening");
    const address = hanging.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    const apiBase = `http://127.0.0.1:${address.port}`;
    const stripe = createStripe({ secretKey: SECRET_KEY, apiBase, ...client });
    const userId = await fixture.signUp();
    await fixture.control.setDeliveryMode("drop");
    await fixture.buy(userId, "pack-basic");
    await fixture.control.setDeliveryMode("normal");
    const event = fixture.control.listEvents("checkout.session.completed").at(-1);
    if (event === undefined) throw new Error("nothing was bought");
    expect(await deliver({ ...fixture.billing, stripe }, event, options)).toBe(500);
    expect(await fixture.event(event.id)).toMatchObject({ status: "pending", attempts: 1 });
    hanging.closeAllConnections();
    hanging.close();
    expect(await deliver(fixture.billing, event)).toBe(200);
    expect(await fixture.granted(userId)).toBe(100);
  }
});

describe("the webhook route", () => {
  afterAll(async () => {
    const { db } = await import("@/db");
    await db.$client.end({ timeout: 5 });
  });

  it("allows enough time for the response and the outbox after it", async () => {
    stubEnvironment({
      DATABASE_URL: fixture.database.appUrl,
      STRIPE_API_BASE: fixture.simulator.apiBase,
    });
    const { maxDuration } = await import("@/app/api/webhooks/stripe/route");
    const { DRAIN_OUTBOX_MS } = await import("@/jobs/drain-outbox");
    expect(maxDuration * 1000).toBeGreaterThan(WEBHOOK_TIMEOUT_MS + DRAIN_OUTBOX_MS);
    // Stripe waits at least 20 s.
    expect(WEBHOOK_TIMEOUT_MS).toBeLessThan(10_000);
  });
});

describe("createStripe", () => {
  it("limits a call to 15 seconds and two retries", () => {
    const stripe = createStripe({ secretKey: "sk_test_x" });
    expect(stripe.getApiField("timeout")).toBe(15_000);
    expect(stripe.getMaxNetworkRetries()).toBe(2);
  });
});
