import { millisecondsInHour } from "date-fns/constants";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { openPortal } from "@/billing/checkout/open-portal";
import { closeBilling } from "@/billing/subscriptions/close-billing";
import { now } from "@/lib/clock";
import { type Subscriber, SwitchFixture } from "./switch-fixture";

vi.mock("@/catalog/catalog", () => import("./tiers-catalog"));

let fixture: SwitchFixture;
beforeAll(async () => {
  fixture = await SwitchFixture.create();
});
afterEach(() => fixture.billing.expectBalanced());
afterAll(() => fixture.billing.close());

/** Presses a button of the portal. */
async function press(subscriber: Subscriber, action: string, item?: string): Promise<void> {
  const { userId, subscriptionId: subscription } = subscriber;
  const { url } = await openPortal(fixture.billing.billing, { userId });
  const price = item === undefined ? {} : { price: await fixture.billing.priceOf(item) };
  const body = new URLSearchParams({ action, subscription, ...price });
  await fetch(url, { method: "POST", body });
  await fixture.control.settled();
}

/** A subscriber of max who has scheduled pro for the end of the month, and the schedule's id. */
async function downgrading() {
  const subscriber = await fixture.subscribe("max-monthly");
  await press(subscriber, "switch", "pro-monthly");
  const schedule = String((await subscriber.subscription()).schedule);
  const statusOf = async () =>
    (await fixture.stripe.subscriptionSchedules.retrieve(schedule)).status;
  expect(await statusOf()).toBe("active");
  return { subscriber, statusOf };
}

describe("a downgrade in the portal", () => {
  it("takes effect at the period's end and then grants the lower tier's month", async () => {
    const { subscriber } = await downgrading();
    const { until } = await subscriber.membership();
    expect(await subscriber.membership()).toMatchObject({
      plan: "max-monthly",
      scheduled: { plan: "pro-monthly", at: until },
    });
    await fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });
    expect(await subscriber.grants()).toEqual([3000, 1000]);
    expect(await subscriber.membership()).toMatchObject({ plan: "pro-monthly", scheduled: null });
  });

  it("is withdrawn when the user keeps the plan", async () => {
    const { subscriber, statusOf } = await downgrading();
    await press(subscriber, "keep");
    expect(await statusOf()).toBe("released");
    expect(await subscriber.membership()).toMatchObject({ plan: "max-monthly", scheduled: null });
    await fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });
    expect(await subscriber.grants()).toEqual([3000, 3000]);
  });
});

describe("a downgrade that an operator edits", () => {
  it("is shown as it was edited, and no longer once it was released", async () => {
    const { subscriber } = await downgrading();
    const { until } = await subscriber.membership();
    const schedule = String((await subscriber.subscription()).schedule);
    const { price, current_period_start, current_period_end } = await subscriber.item();
    const running = {
      items: [{ price: price.id }],
      start_date: current_period_start,
      end_date: current_period_end,
    };
    const items = [{ price: await fixture.billing.priceOf("pro-yearly") }];
    await fixture.stripe.subscriptionSchedules.update(schedule, { phases: [running, { items }] });
    await fixture.control.settled();
    const scheduled = { plan: "pro-yearly", at: until };
    expect(await subscriber.membership()).toMatchObject({ plan: "max-monthly", scheduled });
    await fixture.stripe.subscriptionSchedules.release(schedule);
    await fixture.control.settled();
    expect(await subscriber.membership()).toMatchObject({ plan: "max-monthly", scheduled: null });
  });
});

describe("a subscription with a scheduled downgrade", () => {
  it("releases the schedule before it ends because a lifetime is bought", async () => {
    const { subscriber, statusOf } = await downgrading();
    await fixture.billing.buy(subscriber.userId, "lifetime");
    await fixture.billing.deliverCalls();
    expect(await statusOf()).toBe("released");
    expect(await subscriber.subscription()).toMatchObject({ cancel_at_period_end: true });
  });

  it("releases the schedule before it is cancelled for a whole refund", async () => {
    const { subscriber, statusOf } = await downgrading();
    await subscriber.refundLast();
    expect(await statusOf()).toBe("released");
    expect((await subscriber.subscription()).status).toBe("canceled");
  });

  it("releases the schedule before it is cancelled for a deleted account", async () => {
    const { subscriber, statusOf } = await downgrading();
    const { userId } = subscriber;
    await fixture.billing.db.transaction((tx) => closeBilling(tx, { userId, now: now() }));
    await fixture.billing.deliverCalls();
    expect(await statusOf()).toBe("released");
    expect((await subscriber.subscription()).status).toBe("canceled");
  });

  it("does not renew while a dispute is open, and schedules the downgrade again once it is won", async () => {
    const { subscriber, statusOf } = await downgrading();
    const { paymentIntentId } = await subscriber.lastPayment();
    const { id } = await fixture.control.dispute(paymentIntentId ?? "");
    await fixture.billing.deliverCalls();
    expect(await statusOf()).toBe("released");
    expect(await subscriber.subscription()).toMatchObject({ cancel_at_period_end: true });
    await fixture.control.winDispute(id);
    await fixture.billing.deliverCalls();
    expect(await subscriber.membership()).toMatchObject({
      plan: "max-monthly",
      cancelAt: null,
      scheduled: { plan: "pro-monthly" },
    });
    await fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });
    expect((await subscriber.grants()).at(-1)).toBe(1000);
  });

  it("schedules the downgrade again when Stripe fails after it has attached the schedule", async () => {
    const { subscriber } = await downgrading();
    const { id } = await disputeLast(subscriber);
    fixture.control.failNextCall({
      method: "POST",
      path: "/v1/subscription_schedules",
      when: "after",
    });
    await fixture.control.winDispute(id);
    await fixture.billing.deliverCalls();
    await fixture.control.advanceClock({ ms: millisecondsInHour });
    await fixture.billing.deliverCalls();
    expect(await subscriber.membership()).toMatchObject({ scheduled: { plan: "pro-monthly" } });
  });

  it("forgets the downgrade when the user has upgraded while the dispute was open", async () => {
    const { subscriber } = await downgrading();
    const { id } = await disputeLast(subscriber);
    await fixture.control.resumeSubscription(subscriber.subscriptionId);
    await subscriber.switchTo("ultra-monthly");
    await fixture.control.winDispute(id);
    await fixture.billing.deliverCalls();
    expect(await subscriber.membership()).toMatchObject({
      plan: "ultra-monthly",
      scheduled: null,
    });
    expect((await subscriber.subscription()).metadata).not.toHaveProperty("releasedPrice");
  });

  it("keeps another product's item when it schedules the downgrade again", async () => {
    const { subscriber } = await downgrading();
    const { subscriptionId } = subscriber;
    await fixture.control.addItem(subscriptionId, "price_foreign_monthly");
    const { id } = await disputeLast(subscriber);
    await fixture.control.winDispute(id);
    await fixture.billing.deliverCalls();
    const schedule = String((await subscriber.subscription()).schedule);
    const { phases } = await fixture.stripe.subscriptionSchedules.retrieve(schedule);
    const pro = await fixture.billing.priceOf("pro-monthly");
    const max = await fixture.billing.priceOf("max-monthly");
    expect(phases.map(({ items }) => items.map(({ price }) => price))).toEqual([
      [max, "price_foreign_monthly"],
      [pro, "price_foreign_monthly"],
    ]);
  });
});

/** Disputes the payment of the subscriber's plan. */
async function disputeLast(subscriber: Subscriber) {
  const [{ paymentIntentId } = {}] = await subscriber.payments();
  const dispute = await fixture.control.dispute(paymentIntentId ?? "");
  await fixture.billing.deliverCalls();
  return dispute;
}
