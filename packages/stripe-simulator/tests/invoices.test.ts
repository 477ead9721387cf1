import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Simulator } from "../src/start-simulator";
import { checkout, clientOf, startForTest, subscribe } from "./support";

const TWO_HOURS_MS = 2 * 3_600_000;

let simulator: Simulator;
let stripe: Stripe;

beforeEach(async () => {
  simulator = await startForTest();
  stripe = clientOf(simulator);
});
afterEach(() => simulator.close());

/** A monthly subscription whose renewal was declined. */
async function failRenewal() {
  const { subscriptionId, invoiceId } = await subscribe(simulator, stripe, "price_pro_monthly");
  simulator.control.failNextPayment(subscriptionId, 20);
  await simulator.control.advanceClock({ months: 1, ms: TWO_HOURS_MS });
  const open = await stripe.invoices.list({ subscription: subscriptionId, status: "open" });
  return { subscriptionId, paidId: invoiceId, openId: open.data[0]?.id ?? "" };
}

const statusOf = async (subscriptionId: string) =>
  (await stripe.subscriptions.retrieve(subscriptionId)).status;

describe("voiding an invoice", () => {
  it("ends its collection and makes a past due subscription active again", async () => {
    const { subscriptionId, openId } = await failRenewal();
    expect(await statusOf(subscriptionId)).toBe("past_due");
    expect(await stripe.invoices.voidInvoice(openId)).toMatchObject({
      status: "void",
      auto_advance: false,
      next_payment_attempt: null,
    });
    expect(simulator.control.listEvents("invoice.voided")).toHaveLength(1);
    expect(await statusOf(subscriptionId)).toBe("active");
    await expect(simulator.control.payInvoice(openId)).rejects.toThrow(/is void/);
  });

  it("is refused for a paid or void invoice", async () => {
    const { paidId, openId } = await failRenewal();
    await stripe.invoices.voidInvoice(openId);
    await expect(stripe.invoices.voidInvoice(paidId)).rejects.toThrow(/This invoice is paid/);
    await expect(stripe.invoices.voidInvoice(openId)).rejects.toThrow(/This invoice is void/);
  });

  it("is refused while a payment is processing", async () => {
    const customer = await stripe.customers.create({});
    const session = await checkout(stripe, "price_pro_monthly", { customer: customer.id });
    const { session: completed } = await simulator.control.pay(session.id, { how: "later" });
    const invoiceId = completed.invoice ?? "";
    await expect(stripe.invoices.voidInvoice(invoiceId)).rejects.toThrow(/being processed/);
    await simulator.control.settleDelayedPayment(session.id, "fail");
    expect(await stripe.invoices.voidInvoice(invoiceId)).toMatchObject({ status: "void" });
  });
});

describe("an uncollectible invoice", () => {
  it("is not charged again and can be paid on its page", async () => {
    const { subscriptionId, openId } = await failRenewal();
    expect(await stripe.invoices.markUncollectible(openId)).toMatchObject({
      status: "uncollectible",
    });
    expect(simulator.control.listEvents("invoice.marked_uncollectible")).toHaveLength(1);
    const attempts = (await stripe.invoices.retrieve(openId)).attempt_count;
    await simulator.control.advanceClock({ days: 20 });
    expect(await stripe.invoices.retrieve(openId)).toMatchObject({
      status: "uncollectible",
      attempt_count: attempts,
    });
    simulator.control.failNextPayment(subscriptionId, 0);
    await simulator.control.payInvoice(openId);
    expect(await stripe.invoices.retrieve(openId)).toMatchObject({ status: "paid" });
  });

  it("can be voided, but not marked again", async () => {
    const { openId } = await failRenewal();
    await stripe.invoices.markUncollectible(openId);
    await expect(stripe.invoices.markUncollectible(openId)).rejects.toThrow(/is uncollectible/);
    expect(await stripe.invoices.voidInvoice(openId)).toMatchObject({ status: "void" });
  });
});

describe("a draft invoice", () => {
  it("is charged after the subscription's end unless it stops advancing", async () => {
    for (const [stops, status] of [
      [false, "paid"],
      [true, "draft"],
    ] as const) {
      const { subscriptionId } = await subscribe(simulator, stripe, "price_pro_monthly");
      await simulator.control.advanceClock({ months: 1, ms: 60_000 });
      const { data } = await stripe.invoices.list({ subscription: subscriptionId, limit: 1 });
      const id = data[0]?.id ?? "";
      await expect(stripe.invoices.voidInvoice(id)).rejects.toThrow(/This invoice is draft/);
      await simulator.control.cancelSubscription(subscriptionId, "now");
      if (stops) {
        await stripe.invoices.update(id, { auto_advance: false });
      }
      await simulator.control.advanceClock({ ms: TWO_HOURS_MS });
      expect(await stripe.invoices.retrieve(id)).toMatchObject({ status });
    }
  });
});

describe("a cancellation's comment", () => {
  it("is kept until the subscription ends and removed when it is resumed", async () => {
    const { subscriptionId } = await subscribe(simulator, stripe, "price_pro_monthly");
    const commentOf = async () =>
      (await stripe.subscriptions.retrieve(subscriptionId)).cancellation_details?.comment;
    const cancellation_details = { comment: "why" };
    await stripe.subscriptions.update(subscriptionId, {
      cancel_at_period_end: true,
      cancellation_details,
    });
    expect(await commentOf()).toBe("why");
    await simulator.control.resumeSubscription(subscriptionId);
    expect(await commentOf()).toBeNull();
    await stripe.subscriptions.cancel(subscriptionId, { prorate: false, cancellation_details });
    expect(await commentOf()).toBe("why");
  });
});
