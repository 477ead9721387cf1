import { millisecondsInHour } from "date-fns/constants";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ensureCustomer } from "@/billing/checkout/customer";
import { getMembership, listSubscriptions } from "@/billing/queries";
import { now } from "@/lib/clock";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(async () => {
  fixture.isUp = true;
  await fixture.expectBalanced();
});
afterAll(() => fixture.close());

const membership = (userId: string) => getMembership(fixture.db, { userId, at: now() });

describe("a second subscription", () => {
  it.each(["active", "past_due", "incomplete"])(
    "is refused at the checkout while one is %s",
    async (status) => {
      const userId = await fixture.signUp();
      const how = status === "incomplete" ? "incomplete" : "card";
      const sessionId = await fixture.buy(userId, "pro-monthly", how);
      if (status === "past_due") {
        fixture.control.failNextPayment(await fixture.subscriptionOf(sessionId));
        await fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });
      }
      expect((await listSubscriptions(fixture.db, { userId }))[0]?.status).toBe(status);
      await expect(fixture.openCheckout(userId, "pro-yearly")).rejects.toMatchObject({
        code: "second_subscription",
        status: 409,
      });
    },
  );

  it("is refused at the checkout before the first one's event arrives", async () => {
    const userId = await fixture.signUp();
    fixture.isUp = false;
    await fixture.buy(userId, "pro-monthly");
    await expect(fixture.openCheckout(userId, "pro-yearly")).rejects.toMatchObject({
      code: "second_subscription",
    });
  });

  it.each([
    ["first event first", "price_pro_yearly", 9900],
    ["second event first", "price_pro_yearly", 9900],
    ["the same plan, first event first", "price_pro_monthly", 990],
    ["the same plan, second event first", "price_pro_monthly", 990],
  ])(
    "grants nothing and is cancelled and refunded when it is paid anyway (%s)",
    async (order, secondPrice, refundedCents) => {
      const userId = await fixture.signUp();
      const customer = await ensureCustomer(fixture.billing, userId);
      const open = (price: string) =>
        fixture.openForeignSession({
          mode: "subscription",
          customer,
          line_items: [{ price, quantity: 1 }],
          metadata: { userId },
          subscription_data: { metadata: { userId } },
        });
      const [one, two] = [await open("price_pro_monthly"), await open(secondPrice)];
      await fixture.control.setDeliveryMode("drop");
      await fixture.control.pay(one);
      await fixture.control.advanceClock({ ms: 2_000 });
      await fixture.control.pay(two);
      await fixture.control.setDeliveryMode("normal");
      const paid = fixture.control.listEvents("invoice.paid").slice(-2);
      for (const event of order.endsWith("first event first") ? paid : paid.reverse()) {
        expect((await fixture.deliver(event)).status).toBe(200);
      }
      expect(await fixture.granted(userId)).toBe(1000);
      expect(await fixture.deliverCalls()).toEqual({ done: 2, failed: 0 });
      const [first, second] = [
        await fixture.subscriptionOf(one),
        await fixture.subscriptionOf(two),
      ];
      const { stripe } = fixture.billing;
      expect((await stripe.subscriptions.retrieve(first)).status).toBe("active");
      expect((await stripe.subscriptions.retrieve(second)).status).toBe("canceled");
      const refunds = await stripe.refunds.list({ limit: 1 });
      expect(refunds.data[0]).toMatchObject({ amount: refundedCents, status: "succeeded" });
      expect(await membership(userId)).toMatchObject({ plan: "pro-monthly", status: "active" });
      const emails = await fixture.emails(userId);
      expect(emails.filter((key) => key.includes("duplicate-subscription"))).toHaveLength(1);
    },
  );

  it("is cancelled without a refund when nothing was paid, and the user is emailed", async () => {
    const userId = await fixture.signUp();
    const customer = await ensureCustomer(fixture.billing, userId);
    const open = () =>
      fixture.openForeignSession({
        mode: "subscription",
        customer,
        line_items: [{ price: "price_pro_monthly", quantity: 1 }],
        allow_promotion_codes: true,
        metadata: { userId },
        subscription_data: { metadata: { userId } },
      });
    const [one, two] = [await open(), await open()];
    await fixture.control.pay(one);
    await fixture.control.advanceClock({ ms: 2_000 });
    await fixture.control.pay(two, { how: "coupon" });
    expect(await fixture.granted(userId)).toBe(1000);
    expect(await fixture.deliverCalls()).toEqual({ done: 1, failed: 0 });
    const emails = await fixture.emails(userId);
    expect(emails.filter((key) => key.includes("duplicate-subscription"))).toHaveLength(1);
  });
});
