import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { checkoutStatus } from "@/billing/checkout/checkout-status";
import { createCheckout } from "@/billing/checkout/create-checkout";
import { ensureCustomer } from "@/billing/checkout/customer";
import type { BillingDeps } from "@/billing/deps";
import { backfillEvents } from "@/billing/inbox/backfill-events";
import { HANDLED_EVENT_TYPES } from "@/billing/inbox/process-event";
import { handleStripeWebhook } from "@/billing/inbox/receive-event";
import { retryEvents } from "@/billing/inbox/retry-events";
import { runStripeCalls } from "@/billing/stripe/run-stripe-calls";
import { outbox } from "@/db/schema";
import { now } from "@/lib/clock";
import { BillingFixture } from "./billing-fixture";
import { type End, type Events, endOf, liveUnheard } from "./end-state";
import { LIVES } from "./lives";
import { Mortality } from "./mortality";

let fixture: BillingFixture;
let mortality: Mortality;
beforeAll(async () => {
  fixture = await BillingFixture.create();
  mortality = await Mortality.create(fixture);
});
afterEach(async () => {
  fixture.isUp = true;
  await fixture.control.setDeliveryMode("normal");
  await fixture.expectBalanced();
});
afterAll(async () => {
  await mortality.close();
  await fixture.close();
});

/** Tries the work again and again, killed one step later each time, until it goes through. */
async function untilItLives(
  work: (billing: BillingDeps) => Promise<unknown>,
  afterEachDeath: () => Promise<void> = async () => {},
): Promise<number> {
  for (let steps = 0; steps < 100; steps += 1) {
    if (await mortality.live(steps, work)) return steps;
    await afterEachDeath();
  }
  throw new Error("it never went through");
}

/**
 * Delivers an event to a process that keeps dying, a step later each time. After each death the
 * person stands either as before the event or as after it. Answers how many deaths there were.
 */
async function deliverDying(event: Events[number], userId: string): Promise<number> {
  const before = await endOf(fixture, userId);
  const afterDeaths: End[] = [];
  let status = 0;
  const deliver = async (billing: BillingDeps) => {
    const { body, header } = fixture.control.signedPayload(event);
    const headers = { "stripe-signature": header };
    const request = new Request("http://localhost/", { method: "POST", body, headers });
    status = (await handleStripeWebhook(billing, request)).status;
  };
  const deaths = await untilItLives(deliver, async () => {
    expect(status).toBe(500);
    afterDeaths.push(await endOf(fixture, userId));
  });
  expect(status).toBe(200);
  const after = await endOf(fixture, userId);
  // Compared when the end is known: what an event did before its COMMIT must not be half of it.
  for (const found of afterDeaths) expect([before, after]).toContainEqual(found);
  return deaths;
}

const killed = new Set<string>();

describe.each(LIVES)("$name", (life) => {
  it("is heard of by a process that dies between any two steps of every event", async () => {
    const userId = await fixture.signUp();
    const { end, events } = await liveUnheard(fixture, life, userId);
    for (const event of events) {
      expect(await deliverDying(event, userId), event.type).toBeGreaterThan(4);
      killed.add(event.type);
    }
    await fixture.deliverCalls();
    expect(await endOf(fixture, userId)).toEqual(end);
  });
});

describe("the lives together", () => {
  it("kill the process in events of every type that does something", () => {
    expect(HANDLED_EVENT_TYPES.filter((type) => !killed.has(type))).toEqual([]);
  });
});

describe("a process that dies between any two steps", () => {
  it("while it opens a payment page makes one customer and one page", async () => {
    const userId = await fixture.signUp();
    const urls = new Set<string>();
    const open = async (billing: BillingDeps) => {
      const { url } = await createCheckout(billing, { userId, item: "pro-yearly", now: now() });
      urls.add(url);
    };
    expect(await untilItLives(open)).toBeGreaterThan(8);
    await open(fixture.billing);
    expect(urls.size).toBe(1);
    const { stripe } = fixture.billing;
    const customers = await stripe.customers.list({ limit: 100 }).autoPagingToArray({ limit: 999 });
    const own = customers.filter(({ metadata }) => metadata.userId === userId);
    expect(own).toHaveLength(1);
    const pages = await stripe.checkout.sessions.list({ customer: own[0]?.id ?? "" });
    expect(pages.data).toHaveLength(1);
  });

  it("while the success page fulfils leaves all or nothing, and grants once", async () => {
    const userId = await fixture.signUp();
    fixture.isUp = false;
    const sessionId = await fixture.buy(userId, "pack-basic");
    fixture.isUp = true;
    await fixture.control.advanceClock({ ms: 5_000 });
    const ask = (billing: BillingDeps) => checkoutStatus(billing, { userId, sessionId });
    await untilItLives(ask, async () => {
      const [payments, booked] = [await fixture.payments(userId), await fixture.booked(userId)];
      expect(booked).toHaveLength(payments.length);
    });
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("while it looks for events that never came loses none", async () => {
    const userId = await fixture.signUp();
    await backfillEvents(fixture.billing);
    await fixture.control.setDeliveryMode("drop");
    await fixture.buy(userId, "pack-basic");
    const steps = await untilItLives((billing) => backfillEvents(billing));
    expect(steps).toBeGreaterThan(5);
    // Stored by a process that then died, an event waits for the retry job.
    await fixture.control.advanceClock({ ms: 3 * 60_000 });
    await retryEvents(fixture.billing);
    expect(await fixture.granted(userId)).toBe(100);
  });
});

describe("a process that dies while it calls Stripe for what was booked", () => {
  /** Longer than one worker keeps a call to itself. */
  const afterTheLease = async () => {
    await fixture.control.advanceClock({ ms: 3 * 60_000 });
  };

  const statuses = async (userId: string) => {
    const rows = await fixture.db.select().from(outbox).where(eq(outbox.userId, userId));
    return rows.filter(({ kind }) => kind === "stripe").map(({ status }) => status);
  };

  it("cancels and refunds a second subscription once, and loses neither", async () => {
    const userId = await fixture.signUp();
    const customer = await ensureCustomer(fixture.billing, userId);
    const open = () =>
      fixture.openForeignSession({
        mode: "subscription",
        customer,
        line_items: [{ price: "price_pro_monthly", quantity: 1 }],
        metadata: { userId },
        subscription_data: { metadata: { userId } },
      });
    const [one, two] = [await open(), await open()];
    await fixture.control.pay(one);
    await fixture.control.advanceClock({ ms: 2_000 });
    await fixture.control.pay(two);
    const second = await fixture.subscriptionOf(two);
    const count = (type: Events[number]["type"]) => fixture.control.listEvents(type).length;
    const before = { ended: count("customer.subscription.deleted"), back: count("refund.created") };
    const steps = await untilItLives((billing) => runStripeCalls(billing), afterTheLease);
    expect(steps).toBeGreaterThan(4);
    while ((await statuses(userId)).includes("pending")) {
      await afterTheLease();
      await runStripeCalls(fixture.billing);
    }
    expect(await statuses(userId)).toEqual(["done", "done"]);
    expect(count("customer.subscription.deleted") - before.ended).toBe(1);
    expect(count("refund.created") - before.back).toBe(1);
    expect((await fixture.billing.stripe.subscriptions.retrieve(second)).status).toBe("canceled");
    expect(await fixture.granted(userId)).toBe(1000);
  });

  it("ends the subscription of whoever bought a lifetime once", async () => {
    const userId = await fixture.signUp();
    const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    await fixture.buy(userId, "lifetime");
    await untilItLives((billing) => runStripeCalls(billing), afterTheLease);
    expect(await statuses(userId)).toEqual(["done"]);
    const state = await fixture.billing.stripe.subscriptions.retrieve(subscriptionId);
    expect(state.cancel_at ?? state.cancel_at_period_end).toBeTruthy();
    expect(state.status).toBe("active");
  });
});
