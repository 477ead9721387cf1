import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ItemId } from "@/billing/catalog";
import { checkoutStatus } from "@/billing/checkout-status";
import type { Billing } from "@/billing/context";
import { createCheckout } from "@/billing/create-checkout";
import { ensureCustomer } from "@/billing/customer";
import { deliverStripeCalls } from "@/billing/deliver-stripe-calls";
import { feedMissedEvents } from "@/billing/feed-missed-events";
import { handleStripeWebhook } from "@/billing/receive-event";
import { retryEvents } from "@/billing/retry-events";
import { outbox } from "@/db/schema";
import { now } from "@/lib/clock";
import { Mortality } from "./mortality";
import { World } from "./world";

let world: World;
let mortality: Mortality;
beforeAll(async () => {
  world = await World.create();
  mortality = await Mortality.create(world);
});
afterEach(async () => {
  world.isUp = true;
  await world.control.setDeliveryMode("normal");
  await world.expectBalanced();
});
afterAll(async () => {
  await mortality.close();
  await world.close();
});

type EventType = Parameters<World["control"]["listEvents"]>[0];

/** Tries the work again and again, killed one step later each time, until it goes through. */
async function untilItLives(
  work: (billing: Billing) => Promise<unknown>,
  afterEachDeath: () => Promise<void> = async () => {},
): Promise<number> {
  for (let steps = 0; steps < 100; steps += 1) {
    if (await mortality.live(steps, work)) return steps;
    await afterEachDeath();
  }
  throw new Error("it never went through");
}

/** Delivers the latest event of a type to a process that keeps dying. */
async function deliverDying(type: EventType, check: () => Promise<void>): Promise<number> {
  const event = world.control.listEvents(type).at(-1);
  if (event === undefined) throw new Error(`no ${type} happened`);
  let status = 0;
  const deliver = async (billing: Billing) => {
    const { body, header } = world.control.signedPayload(event);
    const headers = { "stripe-signature": header };
    const request = new Request("http://localhost/", { method: "POST", body, headers });
    status = (await handleStripeWebhook(billing, request)).status;
  };
  const steps = await untilItLives(deliver, async () => {
    expect(status).toBe(500);
    await check();
  });
  expect(status).toBe(200);
  return steps;
}

describe("a process that dies between any two steps", () => {
  it.each<[ItemId, EventType]>([
    ["pack-basic", "checkout.session.completed"],
    ["lifetime", "checkout.session.completed"],
    ["pro-monthly", "invoice.paid"],
    ["pro-yearly", "invoice.paid"],
  ])("of a %s leaves all or nothing, and the retry grants once", async (item, type) => {
    const userId = await world.signUp();
    world.isUp = false;
    await world.buy(userId, item);
    world.isUp = true;
    const survived = await deliverDying(type, async () => {
      const [payments, booked] = [await world.payments(userId), await world.booked(userId)];
      expect(booked).toHaveLength(payments.length);
    });
    expect(survived).toBeGreaterThan(5);
    expect(await world.booked(userId)).toHaveLength(1);
  });

  it("of a refund leaves all or nothing, and the retry takes back once", async () => {
    const userId = await world.signUp();
    await world.buy(userId, "lifetime");
    const [paid] = await world.payments(userId);
    world.isUp = false;
    await world.control.refund(paid?.paymentIntentId ?? "");
    world.isUp = true;
    await deliverDying("charge.refunded", async () => {
      const [found] = await world.payments(userId);
      const taken = (await world.booked(userId)).filter(({ type }) => type === "REVOKE");
      expect(taken).toHaveLength(found?.refundedCents === 0 ? 0 : 1);
    });
    expect(await world.granted(userId)).toBe(0);
  });

  it("of a failed refund leaves all or nothing, and the retry gives back once", async () => {
    const userId = await world.signUp();
    await world.buy(userId, "pro-yearly");
    const [paid] = await world.payments(userId);
    const refund = await world.control.refund(paid?.paymentIntentId ?? "");
    world.isUp = false;
    await world.control.failRefund(refund.id);
    world.isUp = true;
    await deliverDying("refund.failed", async () => {
      const [found] = await world.payments(userId);
      const given = (await world.booked(userId)).filter(({ type }) => type === "RESTORE");
      expect(given).toHaveLength(found?.refundedCents === 0 ? 1 : 0);
    });
    expect(await world.granted(userId)).toBe(1000);
  });

  it("while it opens a payment page makes one customer and one page", async () => {
    const userId = await world.signUp();
    const urls = new Set<string>();
    const open = async (billing: Billing) => {
      const { url } = await createCheckout(billing, { userId, item: "pro-yearly", now: now() });
      urls.add(url);
    };
    expect(await untilItLives(open)).toBeGreaterThan(8);
    await open(world.billing);
    expect(urls.size).toBe(1);
    const { stripe } = world.billing;
    const customers = await stripe.customers.list({ limit: 100 }).autoPagingToArray({ limit: 999 });
    const own = customers.filter(({ metadata }) => metadata.userId === userId);
    expect(own).toHaveLength(1);
    const pages = await stripe.checkout.sessions.list({ customer: own[0]?.id ?? "" });
    expect(pages.data).toHaveLength(1);
  });

  it("while the success page fulfils leaves all or nothing, and grants once", async () => {
    const userId = await world.signUp();
    world.isUp = false;
    const sessionId = await world.buy(userId, "pack-basic");
    world.isUp = true;
    await world.control.advanceClock({ ms: 5_000 });
    const ask = (billing: Billing) => checkoutStatus(billing, { userId, sessionId });
    await untilItLives(ask, async () => {
      const [payments, booked] = [await world.payments(userId), await world.booked(userId)];
      expect(booked).toHaveLength(payments.length);
    });
    expect(await world.granted(userId)).toBe(100);
  });

  it("while it looks for events that never came loses none", async () => {
    const userId = await world.signUp();
    await feedMissedEvents(world.billing);
    await world.control.setDeliveryMode("drop");
    await world.buy(userId, "pack-basic");
    const steps = await untilItLives((billing) => feedMissedEvents(billing));
    expect(steps).toBeGreaterThan(5);
    // Stored by a process that then died, an event waits for the retry job.
    await world.control.advanceClock({ ms: 3 * 60_000 });
    await retryEvents(world.billing);
    expect(await world.granted(userId)).toBe(100);
  });
});

describe("a process that dies while it calls Stripe for what was booked", () => {
  /** Longer than one worker keeps a call to itself. */
  const afterTheLease = async () => {
    await world.control.advanceClock({ ms: 3 * 60_000 });
  };

  const statuses = async (userId: string) => {
    const rows = await world.db.select().from(outbox).where(eq(outbox.userId, userId));
    return rows.filter(({ kind }) => kind === "stripe").map(({ status }) => status);
  };

  it("cancels and refunds a second subscription once, and loses neither", async () => {
    const userId = await world.signUp();
    const customer = await ensureCustomer(world.billing, userId);
    const open = () =>
      world.openForeignSession({
        mode: "subscription",
        customer,
        line_items: [{ price: "price_pro_monthly", quantity: 1 }],
        metadata: { userId },
        subscription_data: { metadata: { userId } },
      });
    const [one, two] = [await open(), await open()];
    await world.control.pay(one);
    await world.control.advanceClock({ ms: 2_000 });
    await world.control.pay(two);
    const second = await world.subscriptionOf(two);
    const count = (type: EventType) => world.control.listEvents(type).length;
    const before = { ended: count("customer.subscription.deleted"), back: count("refund.created") };
    const steps = await untilItLives((billing) => deliverStripeCalls(billing), afterTheLease);
    expect(steps).toBeGreaterThan(4);
    while ((await statuses(userId)).includes("pending")) {
      await afterTheLease();
      await deliverStripeCalls(world.billing);
    }
    expect(await statuses(userId)).toEqual(["done", "done"]);
    expect(count("customer.subscription.deleted") - before.ended).toBe(1);
    expect(count("refund.created") - before.back).toBe(1);
    expect((await world.billing.stripe.subscriptions.retrieve(second)).status).toBe("canceled");
    expect(await world.granted(userId)).toBe(1000);
  });

  it("ends the subscription of whoever bought a lifetime once", async () => {
    const userId = await world.signUp();
    const subscriptionId = await world.subscriptionOf(await world.buy(userId, "pro-monthly"));
    await world.buy(userId, "lifetime");
    await untilItLives((billing) => deliverStripeCalls(billing), afterTheLease);
    expect(await statuses(userId)).toEqual(["done"]);
    const state = await world.billing.stripe.subscriptions.retrieve(subscriptionId);
    expect(state.cancel_at ?? state.cancel_at_period_end).toBeTruthy();
    expect(state.status).toBe("active");
  });
});
