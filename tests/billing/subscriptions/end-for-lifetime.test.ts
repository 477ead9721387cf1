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
  await fixture.deliverCalls();
  await fixture.expectBalanced();
});
afterAll(() => fixture.close());

const membership = (userId: string) => getMembership(fixture.db, { userId, at: now() });

/** A subscription's status and those of its invoices, newest first. */
async function statuses(subscription: string) {
  const { stripe } = fixture.billing;
  const { status } = await stripe.subscriptions.retrieve(subscription);
  const { data } = await stripe.invoices.list({ subscription });
  return { status, invoices: data.map((invoice) => invoice.status) };
}

describe("a lifetime purchase", () => {
  it.each(["pro-monthly", "pro-yearly"] as const)(
    "ends a running %s subscription at the period's end",
    async (item) => {
      const userId = await fixture.signUp();
      const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, item));
      await fixture.buy(userId, "lifetime");
      expect(await fixture.granted(userId)).toBe(2000);
      expect(await fixture.deliverCalls()).toEqual({ done: 1, failed: 0 });
      const state = await fixture.billing.stripe.subscriptions.retrieve(subscriptionId);
      expect(state.status).toBe("active");
      expect(state.cancel_at ?? state.cancel_at_period_end).toBeTruthy();
      await fixture.control.cancelSubscription(subscriptionId, "now");
      expect(await membership(userId)).toMatchObject({ plan: "lifetime", until: null });
      const rows = await fixture.database.ownerSql`
        select kind, ended_at is null as open from credit_schedule
        where user_id = ${userId} and kind = 'lifetime'`;
      expect(rows).toEqual([{ kind: "lifetime", open: true }]);
    },
  );

  it.each([
    ["after its stop is known here", "normal"],
    ["before its stop is known here", "drop"],
  ] as const)(
    "ends a subscription whose renewal a dispute has stopped, bought %s, although the dispute is won",
    async (_when, delivery) => {
      const userId = await fixture.signUp();
      const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-yearly"));
      const [paid] = await fixture.payments(userId);
      const dispute = await fixture.control.dispute(paid?.paymentIntentId ?? "");
      await fixture.control.setDeliveryMode(delivery);
      await fixture.deliverCalls();
      await fixture.control.setDeliveryMode("normal");
      await fixture.buy(userId, "lifetime");
      await fixture.deliverCalls();
      await fixture.control.winDispute(dispute.id);
      await fixture.deliverCalls();
      const state = await fixture.billing.stripe.subscriptions.retrieve(subscriptionId);
      expect(state).toMatchObject({ status: "active", cancel_at_period_end: true });
      expect(await membership(userId)).toMatchObject({ plan: "lifetime", renewsAt: null });
    },
  );

  it("cancels a past due subscription at once, voids its invoice and charges nothing more", async () => {
    const userId = await fixture.signUp();
    const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    fixture.control.failNextPayment(subscriptionId);
    await fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });
    expect(await membership(userId)).toMatchObject({ status: "past_due" });
    await fixture.buy(userId, "lifetime");
    await fixture.deliverCalls();
    expect(await statuses(subscriptionId)).toEqual({
      status: "canceled",
      invoices: ["void", "paid"],
    });
    await fixture.control.advanceClock({ months: 1 });
    expect(await fixture.payments(userId)).toHaveLength(2);
    expect(await membership(userId)).toMatchObject({ plan: "lifetime" });
  });

  it("cancels a past due subscription that the user had set to end", async () => {
    const userId = await fixture.signUp();
    const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    fixture.control.failNextPayment(subscriptionId);
    await fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });
    await fixture.control.cancelSubscription(subscriptionId, "period end");
    await fixture.buy(userId, "lifetime");
    await fixture.deliverCalls();
    expect(await statuses(subscriptionId)).toEqual({
      status: "canceled",
      invoices: ["void", "paid"],
    });
  });

  it("cancels an incomplete subscription and voids its invoice", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pro-monthly", "incomplete");
    const [mine] = await listSubscriptions(fixture.db, { userId });
    const subscriptionId = mine?.id ?? "";
    await fixture.buy(userId, "lifetime");
    await fixture.deliverCalls();
    expect(await statuses(subscriptionId)).toEqual({ status: "canceled", invoices: ["void"] });
  });

  it("cancels a subscription whose renewal is about to be charged", async () => {
    const userId = await fixture.signUp();
    const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    await fixture.control.advanceClock({ months: 1, ms: 60_000 });
    await fixture.buy(userId, "lifetime");
    await fixture.deliverCalls();
    await fixture.control.advanceClock({ days: 1 });
    expect(await statuses(subscriptionId)).toEqual({
      status: "canceled",
      invoices: ["draft", "paid"],
    });
    expect(await fixture.payments(userId)).toHaveLength(2);
  });

  it("ends the subscription even while a switch of plans is scheduled", async () => {
    const userId = await fixture.signUp();
    const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-yearly"));
    await fixture.control.planSwitch(subscriptionId, "price_pro_monthly");
    await fixture.buy(userId, "lifetime");
    expect(await fixture.deliverCalls()).toEqual({ done: 1, failed: 0 });
    await fixture.control.advanceClock({ years: 1, days: 1 });
    const state = await fixture.billing.stripe.subscriptions.retrieve(subscriptionId);
    expect(state.status).toBe("canceled");
    expect(await membership(userId)).toMatchObject({ plan: "lifetime" });
  });

  it.each(["pro-monthly", "pro-yearly"] as const)(
    "ends an older %s subscription whose event arrives later",
    async (item) => {
      const userId = await fixture.signUp();
      fixture.isUp = false;
      const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, item));
      await fixture.control.advanceClock({ ms: 60_000 });
      await fixture.buy(userId, "lifetime");
      fixture.isUp = true;
      const [lifetime] = fixture.control.listEvents("checkout.session.completed").slice(-1);
      // The last one is the lifetime's.
      const [invoice] = fixture.control.listEvents("invoice.paid").slice(-2);
      if (lifetime === undefined || invoice === undefined) throw new Error("expected two events");
      await fixture.deliver(lifetime);
      expect(await fixture.deliverCalls()).toEqual({ done: 0, failed: 0 });
      await fixture.deliver(invoice);
      expect(await fixture.granted(userId)).toBe(2000);
      expect(await fixture.deliverCalls()).toEqual({ done: 1, failed: 0 });
      const ending = await fixture.billing.stripe.subscriptions.retrieve(subscriptionId);
      expect(ending).toMatchObject({ status: "active", cancel_at_period_end: true });
      await fixture.control.advanceClock({ years: 1, ms: 60_000 });
      const ended = await fixture.billing.stripe.subscriptions.retrieve(subscriptionId);
      expect(ended.status).toBe("canceled");
      expect(await membership(userId)).toMatchObject({ plan: "lifetime", until: null });
      const rows = await fixture.database.ownerSql`
        select ended_at is null as open from credit_schedule
        where user_id = ${userId} and kind = 'lifetime'`;
      expect(rows).toEqual([{ open: true }]);
    },
  );

  it("keeps a subscription that the user resumes afterwards", async () => {
    const userId = await fixture.signUp();
    const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    await fixture.buy(userId, "lifetime");
    expect(await fixture.deliverCalls()).toEqual({ done: 1, failed: 0 });
    await fixture.control.resumeSubscription(subscriptionId);
    expect(await fixture.deliverCalls()).toEqual({ done: 0, failed: 0 });
  });

  it("is refused a second time", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "lifetime");
    await expect(fixture.openCheckout(userId, "lifetime")).rejects.toMatchObject({
      code: "lifetime_held",
    });
  });

  it("is refused a second time before the first one's event arrives", async () => {
    const userId = await fixture.signUp();
    fixture.isUp = false;
    await fixture.buy(userId, "lifetime");
    await expect(fixture.openCheckout(userId, "lifetime")).rejects.toMatchObject({
      code: "lifetime_held",
    });
  });

  it("is refused a second time while a bank debit is pending", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.buy(userId, "lifetime", "later");
    await fixture.control.advanceClock({ days: 3 });
    const again = () => fixture.openCheckout(userId, "lifetime");
    await expect(again()).rejects.toMatchObject({ code: "lifetime_held" });
    await fixture.control.settleDelayedPayment(sessionId, "fail");
    expect(await again()).toMatch(/^cs_/);
  });

  it("is offered again after its refund, before the refund's event arrives", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "lifetime");
    const [paid] = await fixture.payments(userId);
    fixture.isUp = false;
    await fixture.control.refund(paid?.paymentIntentId ?? "");
    expect(await fixture.buy(userId, "lifetime")).toMatch(/^cs_/);
    fixture.isUp = true;
    await fixture.control.redeliver(fixture.latest("checkout.session.completed").id);
    expect(await fixture.granted(userId)).toBe(1000);
    expect(await membership(userId)).toMatchObject({ plan: "lifetime", until: null });
  });

  it("is offered again after its refund, before any of its events arrives", async () => {
    const userId = await fixture.signUp();
    fixture.isUp = false;
    const first = await fixture.buy(userId, "lifetime");
    const { payment_intent: intent } =
      await fixture.billing.stripe.checkout.sessions.retrieve(first);
    await fixture.control.refund(String(intent));
    expect(await fixture.openCheckout(userId, "lifetime")).not.toBe(first);
    expect(await fixture.granted(userId)).toBe(0);
  });

  it("is offered again after its debit fails, before the event arrives, and reports the failure once", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.buy(userId, "lifetime", "later");
    fixture.isUp = false;
    await fixture.control.settleDelayedPayment(sessionId, "fail");
    expect(await fixture.openCheckout(userId, "lifetime")).not.toBe(sessionId);
    fixture.isUp = true;
    await fixture.control.redeliver(fixture.latest("checkout.session.async_payment_failed").id);
    const failures = (await fixture.emails(userId)).filter((key) => key.includes("debit-failed"));
    expect(failures).toHaveLength(1);
  });

  it("grants its credits at a retired price", async () => {
    const userId = await fixture.signUp();
    const customer = await ensureCustomer(fixture.billing, userId);
    const sessionId = await fixture.openForeignSession({
      customer,
      line_items: [{ price: "price_lifetime_2024", quantity: 1 }],
    });
    await fixture.control.pay(sessionId);
    expect(await fixture.granted(userId)).toBe(1000);
    expect(await membership(userId)).toMatchObject({ plan: "lifetime" });
  });
});
