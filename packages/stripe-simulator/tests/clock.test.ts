import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addMonths, later, nextPeriodEnd } from "../src/clock";
import type { Simulator } from "../src/start-simulator";
import type { Receiver } from "./support";
import { clientOf, startForTest, startReceiver, subscribe } from "./support";

const DAY = 86_400;

let simulator: Simulator;
let stripe: Stripe;
let receiver: Receiver;
/** The clock offsets and events that the app received, in order. */
let received: string[];

beforeEach(async () => {
  received = [];
  receiver = await startReceiver();
  receiver.events.push = (...events) => {
    received.push(...events.map(({ type }) => type));
    return Array.prototype.push.apply(receiver.events, events);
  };
  simulator = await startForTest({
    webhookUrl: receiver.url,
    onClockMoved: async (offsetMs) => {
      received.push(`clock +${(offsetMs / DAY / 1000).toFixed(2)} days`);
    },
  });
  stripe = clientOf(simulator);
});
afterEach(async () => {
  await simulator.close();
  await receiver.close();
});

async function itemOf(subscriptionId: string): Promise<Stripe.SubscriptionItem> {
  const [item] = (await stripe.subscriptions.retrieve(subscriptionId)).items.data;
  if (!item) {
    throw new Error("no item");
  }
  return item;
}

describe("calendar arithmetic", () => {
  const at = (text: string) => Date.parse(text);

  it("adds months in UTC, clamped to the end of the month", () => {
    expect(addMonths(at("2027-01-31T23:30:00Z"), 1)).toBe(at("2027-02-28T23:30:00Z"));
    expect(addMonths(at("2028-01-31T00:00:00Z"), 1)).toBe(at("2028-02-29T00:00:00Z"));
    expect(addMonths(at("2027-11-30T05:00:00Z"), 3)).toBe(at("2028-02-29T05:00:00Z"));
    expect(later(at("2027-01-01T00:00:00Z"), { years: 1, days: 1, ms: 5 })).toBe(
      at("2028-01-02T00:00:00.005Z"),
    );
  });

  it("counts periods from the anchor, so that a short month shortens only itself", () => {
    const anchor = at("2027-01-31T10:00:00Z") / 1000;
    const monthly = { recurring: { interval: "month" } };
    const february = nextPeriodEnd(anchor, anchor, monthly);
    expect(february).toBe(at("2027-02-28T10:00:00Z") / 1000);
    expect(nextPeriodEnd(anchor, february, monthly)).toBe(at("2027-03-31T10:00:00Z") / 1000);
  });
});

describe("a renewal", () => {
  it("starts the period, charges an hour later, and moves the app's clock before both", async () => {
    const { subscriptionId } = await subscribe(simulator, stripe, "price_pro_monthly");
    const before = await itemOf(subscriptionId);
    received.length = 0;
    await simulator.control.advanceClock({ days: 32 });
    expect(received.filter((line) => !line.startsWith("clock"))).toEqual([
      "invoice.created",
      "customer.subscription.updated",
      "invoice.finalized",
      "payment_intent.created",
      "charge.succeeded",
      "payment_intent.succeeded",
      "invoice.paid",
      "invoice.payment_succeeded",
      "invoice_payment.paid",
    ]);
    expect(received[0]).toMatch(/^clock/);
    expect(received[3]).toMatch(/^clock/);
    expect(received.at(-1)).toBe("clock +32.00 days");
    const after = await itemOf(subscriptionId);
    expect(after.current_period_start).toBe(before.current_period_end);
    const [invoice] = (await stripe.invoices.list({ subscription: subscriptionId })).data;
    expect(invoice).toMatchObject({
      billing_reason: "subscription_cycle",
      status: "paid",
      period_start: before.current_period_start,
      period_end: before.current_period_end,
    });
    expect(invoice?.lines.data[0]?.period).toEqual({
      start: after.current_period_start,
      end: after.current_period_end,
    });
    expect(invoice?.status_transitions.paid_at).toBeGreaterThanOrEqual(
      before.current_period_end + 3600,
    );
  });

  it("happens twelve times a year for a monthly plan and once for a yearly one", async () => {
    await subscribe(simulator, stripe, "price_pro_monthly");
    await subscribe(simulator, stripe, "price_pro_yearly");
    await simulator.control.advanceClock({ years: 1, ms: 3_700_000 });
    const paid = simulator.control.listEvents("invoice.paid").map(({ data }) => data.object);
    const cycles = paid.filter(
      (object) => "billing_reason" in object && object.billing_reason === "subscription_cycle",
    );
    expect(cycles).toHaveLength(13);
    const instants = receiver.events.map(({ created }) => created);
    expect(instants).toEqual([...instants].sort((one, other) => one - other));
  });

  it("is retried after a decline and paid days later", async () => {
    const { subscriptionId } = await subscribe(simulator, stripe, "price_pro_monthly");
    simulator.control.failNextPayment(subscriptionId);
    await simulator.control.advanceClock({ days: 32 });
    expect((await stripe.subscriptions.retrieve(subscriptionId)).status).toBe("past_due");
    const [open] = (await stripe.invoices.list({ status: "open" })).data;
    expect(open).toMatchObject({ attempt_count: 1, amount_remaining: 990 });
    await simulator.control.advanceClock({ days: 3 });
    expect((await stripe.subscriptions.retrieve(subscriptionId)).status).toBe("active");
    const paid = await stripe.invoices.retrieve(open?.id ?? "");
    expect(paid).toMatchObject({ status: "paid", attempt_count: 2, next_payment_attempt: null });
  });

  it("ends the subscription after the last decline", async () => {
    const { customer, subscriptionId } = await subscribe(simulator, stripe, "price_pro_monthly");
    simulator.control.failNextPayment(customer.id, 10);
    await simulator.control.advanceClock({ days: 60 });
    const ended = await stripe.subscriptions.retrieve(subscriptionId);
    expect(ended).toMatchObject({
      status: "canceled",
      cancellation_details: { reason: "payment_failed" },
    });
    expect(simulator.control.listEvents("invoice.payment_failed")).toHaveLength(4);
    expect(receiver.types().at(-1)).toBe("customer.subscription.deleted");
  });

  it("can be paid on the invoice's page when it is overdue", async () => {
    const { subscriptionId } = await subscribe(simulator, stripe, "price_pro_monthly");
    simulator.control.failNextPayment(subscriptionId);
    await simulator.control.advanceClock({ days: 32 });
    const [open] = (await stripe.invoices.list({ status: "open" })).data;
    const page = open?.hosted_invoice_url ?? "";
    expect(await (await fetch(page)).text()).toContain('data-testid="pay"');
    expect((await fetch(page, { method: "POST", redirect: "manual" })).status).toBe(303);
    expect((await stripe.subscriptions.retrieve(subscriptionId)).status).toBe("active");
    expect((await fetch(page, { method: "POST", redirect: "manual" })).status).toBe(400);
  });

  it("waits up to 72 hours while the endpoint rejects invoice.created", async () => {
    const { subscriptionId } = await subscribe(simulator, stripe, "price_pro_monthly");
    // Four attempts each for invoice.created and customer.subscription.updated.
    receiver.statuses.push(500, 500, 500, 500, 500, 500, 500, 500);
    const { current_period_end: end } = await itemOf(subscriptionId);
    const untilEnd = end * 1000 - simulator.control.now().getTime();
    await simulator.control.advanceClock({ ms: untilEnd + 1000 });
    await simulator.control.settled({ retries: true });
    await simulator.control.advanceClock({ days: 2 });
    expect((await stripe.invoices.list({ status: "draft" })).data).toHaveLength(1);
    await simulator.control.advanceClock({ days: 1 });
    expect((await stripe.invoices.list({ status: "draft" })).data).toHaveLength(0);
  });

  it("charges nothing while collection is paused", async () => {
    const { subscriptionId } = await subscribe(simulator, stripe, "price_pro_monthly");
    await stripe.subscriptions.update(subscriptionId, { pause_collection: { behavior: "void" } });
    await simulator.control.advanceClock({ days: 32 });
    expect((await stripe.subscriptions.retrieve(subscriptionId)).status).toBe("active");
    expect((await stripe.invoices.list({ status: "void" })).data).toHaveLength(1);
    expect(simulator.control.listEvents("invoice.paid")).toHaveLength(1);
    const resumed = await stripe.subscriptions.update(subscriptionId, { pause_collection: "" });
    expect(resumed.pause_collection).toBeNull();
  });
});

describe("the end of a subscription", () => {
  it("happens at the end of the period after a cancellation in the portal", async () => {
    const { subscriptionId } = await subscribe(simulator, stripe, "price_pro_monthly");
    await simulator.control.cancelSubscription(subscriptionId, "period end");
    const cancelled = await stripe.subscriptions.retrieve(subscriptionId);
    const { current_period_end: end } = await itemOf(subscriptionId);
    expect(cancelled).toMatchObject({
      status: "active",
      cancel_at: end,
      cancel_at_period_end: false,
    });
    await simulator.control.advanceClock({ days: 32 });
    const ended = await stripe.subscriptions.retrieve(subscriptionId);
    expect(ended).toMatchObject({ status: "canceled", ended_at: end });
    expect((await stripe.invoices.list()).data).toHaveLength(1);
    expect((await stripe.subscriptions.list()).data).toHaveLength(0);
    expect((await stripe.subscriptions.list({ status: "all" })).data).toHaveLength(1);
  });

  it("is withdrawn when the customer resumes", async () => {
    const { subscriptionId } = await subscribe(simulator, stripe, "price_pro_monthly");
    const asked = await stripe.subscriptions.update(subscriptionId, { cancel_at_period_end: true });
    expect(asked.cancel_at_period_end).toBe(true);
    await stripe.subscriptions.update(subscriptionId, { cancel_at_period_end: false });
    await simulator.control.advanceClock({ days: 32 });
    expect((await stripe.subscriptions.retrieve(subscriptionId)).status).toBe("active");
  });

  it("happens at once through the API and when the customer is deleted", async () => {
    const one = await subscribe(simulator, stripe, "price_pro_monthly");
    expect((await stripe.subscriptions.cancel(one.subscriptionId)).status).toBe("canceled");
    const other = await subscribe(simulator, stripe, "price_pro_yearly");
    await simulator.control.deleteCustomer(other.customer.id);
    expect((await stripe.subscriptions.retrieve(other.subscriptionId)).status).toBe("canceled");
    await simulator.control.settled();
    expect(receiver.types().slice(-2)).toEqual([
      "customer.subscription.deleted",
      "customer.deleted",
    ]);
  });
});
