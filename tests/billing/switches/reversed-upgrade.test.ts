import { millisecondsInHour } from "date-fns/constants";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { SwitchFixture } from "./switch-fixture";

vi.mock("@/catalog/catalog", () => import("./tiers-catalog"));

let fixture: SwitchFixture;
beforeAll(async () => {
  fixture = await SwitchFixture.create();
});
afterEach(() => fixture.billing.expectBalanced());
afterAll(() => fixture.billing.close());

const advance = (days: number) => fixture.control.advanceClock({ days });
const renew = () => fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });

/** A subscriber who upgraded from pro to max ten days into the month. */
async function upgraded() {
  const subscriber = await fixture.subscribe("pro-monthly");
  await advance(10);
  await subscriber.switchTo("max-monthly");
  return subscriber;
}

describe("an upgrade that is refunded in full", () => {
  it("leaves the lower tier's paid month, and renews at the lower tier", async () => {
    const subscriber = await upgraded();
    const { until } = await subscriber.membership();
    await subscriber.refundLast();
    expect(await fixture.billing.granted(subscriber.userId)).toBe(1000);
    expect(await subscriber.membership()).toMatchObject({
      plan: "pro-monthly",
      status: "active",
      until,
      renewsAt: until,
    });
    expect((await subscriber.item()).price.id).toBe(await fixture.billing.priceOf("pro-monthly"));
    await renew();
    expect((await subscriber.grants()).at(-1)).toBe(1000);
    expect(await subscriber.lastPayment()).toMatchObject({ item: "pro-monthly", amountCents: 990 });
  });

  it("grants nothing for the same upgrade again, which Stripe does not charge in that month", async () => {
    const subscriber = await upgraded();
    await subscriber.refundLast();
    await advance(5);
    await subscriber.switchTo("max-monthly");
    expect((await subscriber.lastInvoice()).amount_paid).toBe(0);
    expect(await fixture.billing.granted(subscriber.userId)).toBe(1000);
    expect(await subscriber.membership()).toMatchObject({ plan: "pro-monthly" });
    await renew();
    expect((await subscriber.grants()).at(-1)).toBe(3000);
    expect(await subscriber.membership()).toMatchObject({ plan: "max-monthly" });
  });

  it("is restored when the refund fails", async () => {
    const subscriber = await upgraded();
    const before = await fixture.billing.granted(subscriber.userId);
    const { paymentIntentId } = await subscriber.lastPayment();
    const { id } = await subscriber.refund(paymentIntentId);
    await fixture.control.failRefund(id);
    expect(await fixture.billing.granted(subscriber.userId)).toBe(before);
    expect(await subscriber.membership()).toMatchObject({ plan: "max-monthly" });
  });

  it("leaves a later upgrade and the subscription's price as they are", async () => {
    const subscriber = await upgraded();
    const { paymentIntentId } = await subscriber.lastPayment();
    await advance(5);
    await subscriber.switchTo("ultra-monthly");
    const last = (await subscriber.grants()).at(-1) ?? 0;
    await subscriber.refund(paymentIntentId);
    expect(await fixture.billing.granted(subscriber.userId)).toBe(1000 + last);
    expect(await subscriber.membership()).toMatchObject({ plan: "ultra-monthly" });
    expect((await subscriber.item()).price.id).toBe(await fixture.billing.priceOf("ultra-monthly"));
  });

  it("leaves the lowest tier when a later upgrade is refunded in full as well", async () => {
    const subscriber = await upgraded();
    const { paymentIntentId } = await subscriber.lastPayment();
    await advance(5);
    await subscriber.switchTo("ultra-monthly");
    await subscriber.refund(paymentIntentId);
    await subscriber.refundLast();
    expect(await fixture.billing.granted(subscriber.userId)).toBe(1000);
    expect(await subscriber.membership()).toMatchObject({ plan: "pro-monthly" });
    expect((await subscriber.item()).price.id).toBe(await fixture.billing.priceOf("pro-monthly"));
  });

  it("changes nothing of the next month when it is refunded after the renewal", async () => {
    const subscriber = await upgraded();
    const { paymentIntentId } = await subscriber.lastPayment();
    await renew();
    await subscriber.refund(paymentIntentId);
    expect(await subscriber.membership()).toMatchObject({ plan: "max-monthly", status: "active" });
    expect((await subscriber.item()).price.id).toBe(await fixture.billing.priceOf("max-monthly"));
  });

  it("leaves the lower tier as well when the payment is lost to a dispute", async () => {
    const subscriber = await upgraded();
    const { paymentIntentId } = await subscriber.lastPayment();
    const { id } = await fixture.control.dispute(paymentIntentId ?? "");
    await fixture.billing.deliverCalls();
    await fixture.control.loseDispute(id);
    await fixture.billing.deliverCalls();
    expect(await fixture.billing.granted(subscriber.userId)).toBe(1000);
    expect(await subscriber.membership()).toMatchObject({ plan: "pro-monthly" });
    expect((await subscriber.item()).price.id).toBe(await fixture.billing.priceOf("pro-monthly"));
  });
});

describe("the base month of an upgrade", () => {
  it("loses its own credits when it is refunded, and ends the subscription", async () => {
    const subscriber = await upgraded();
    const [, granted] = await subscriber.grants();
    const [first] = await subscriber.payments();
    await subscriber.refund(first?.paymentIntentId ?? null);
    expect(await fixture.billing.granted(subscriber.userId)).toBe(granted);
    expect((await subscriber.subscription()).status).toBe("canceled");
    expect(await subscriber.membership()).toMatchObject({ kind: "free" });
  });

  it("changes nothing when its refund fails before the subscription's end arrives", async () => {
    const subscriber = await upgraded();
    const { until } = await subscriber.membership();
    const granted = await fixture.billing.granted(subscriber.userId);
    const [first] = await subscriber.payments();
    const { id } = await fixture.control.refund(first?.paymentIntentId ?? "");
    fixture.billing.isUp = false;
    await fixture.billing.deliverCalls();
    fixture.billing.isUp = true;
    await fixture.control.failRefund(id);
    const end = fixture.billing.latest("customer.subscription.deleted");
    expect((await fixture.billing.deliver(end)).status).toBe(200);
    expect((await subscriber.subscription()).status).toBe("canceled");
    expect(await subscriber.membership()).toMatchObject({ plan: "max-monthly", until });
    expect(await fixture.billing.granted(subscriber.userId)).toBe(granted);
  });

  it("loses its own share of the credits when it is refunded in part", async () => {
    const subscriber = await upgraded();
    const [, granted = 0] = await subscriber.grants();
    const [first] = await subscriber.payments();
    await subscriber.refund(first?.paymentIntentId ?? null, 495);
    expect(await fixture.billing.granted(subscriber.userId)).toBe(500 + granted);
    expect(await subscriber.membership()).toMatchObject({ plan: "max-monthly", status: "active" });
  });
});
