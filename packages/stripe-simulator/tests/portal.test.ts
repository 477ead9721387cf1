import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { SimulatorPrice } from "../src/catalogue";
import type { Simulator } from "../src/start-simulator";
import { samplePrices } from "./sample-prices";
import { clientOf, startForTest, subscribe } from "./support";

let simulator: Simulator;
let stripe: Stripe;

beforeEach(async () => {
  simulator = await startForTest();
  stripe = clientOf(simulator);
});
afterEach(() => simulator.close());

async function openPortal(
  customer: string,
  options: Stripe.BillingPortal.SessionCreateParams = {},
) {
  const return_url = "http://localhost:3000/billing";
  const portal = await stripe.billingPortal.sessions.create({ customer, return_url, ...options });
  return {
    read: async () => (await fetch(portal.url)).text(),
    submit: (fields: Record<string, string>) =>
      fetch(portal.url, { method: "POST", body: new URLSearchParams(fields), redirect: "manual" }),
  };
}

describe("the portal", () => {
  it("shows the subscription, its invoices and the return link in the session's language", async () => {
    const { customer } = await subscribe(simulator, stripe, "price_pro_monthly");
    const portal = await openPortal(customer.id, { locale: "zh" });
    const page = await portal.read();
    for (const text of ["您的订阅", "有效", "每月", "取消订阅", "http://localhost:3000/billing"]) {
      expect(page).toContain(text);
    }
    const [invoice] = (await stripe.invoices.list()).data;
    expect(page).toContain(invoice?.number);
    const shown = await fetch(invoice?.hosted_invoice_url ?? "");
    expect(await shown.text()).toContain("QiFlow Pro");
  });

  it("sets only cancel_at, as flexible billing does, and resumes", async () => {
    const { customer, subscriptionId } = await subscribe(simulator, stripe, "price_pro_monthly");
    const portal = await openPortal(customer.id);
    await portal.submit({ action: "cancel", subscription: subscriptionId });
    const cancelled = await stripe.subscriptions.retrieve(subscriptionId);
    expect(cancelled.cancel_at).toBe(cancelled.items.data[0]?.current_period_end);
    expect(cancelled.cancel_at_period_end).toBe(false);
    expect(await portal.read()).toContain('data-testid="resume"');
    await portal.submit({ action: "resume", subscription: subscriptionId });
    expect((await stripe.subscriptions.retrieve(subscriptionId)).cancel_at).toBeNull();
  });

  it("upgrades to the longer interval at once and credits the unused time", async () => {
    const { customer, subscriptionId } = await subscribe(simulator, stripe, "price_pro_monthly");
    const start = simulator.control.now();
    await simulator.control.advanceClock({ days: 15 });
    const portal = await openPortal(customer.id);
    await portal.submit({
      action: "switch",
      subscription: subscriptionId,
      price: "price_pro_yearly",
    });
    const [invoice] = (await stripe.invoices.list({ subscription: subscriptionId })).data;
    expect(invoice?.billing_reason).toBe("subscription_update");
    const [credit, charge] = invoice?.lines.data ?? [];
    expect(credit?.parent?.subscription_item_details?.proration).toBe(true);
    expect(credit?.pricing?.price_details?.price).toBe("price_pro_monthly");
    const length = (credit?.period.end ?? 0) - start.getTime() / 1000;
    const unused = (990 * (length - 15 * 86_400)) / length;
    expect(Math.abs((credit?.amount ?? 0) + unused)).toBeLessThanOrEqual(1);
    expect(charge).toMatchObject({
      amount: 9900,
      pricing: { price_details: { price: "price_pro_yearly" } },
      parent: { subscription_item_details: { proration: false } },
    });
    expect(invoice?.amount_paid).toBe(9900 + (credit?.amount ?? 0));
    expect((await stripe.subscriptions.retrieve(subscriptionId)).items.data[0]).toMatchObject({
      price: { id: "price_pro_yearly" },
      current_period_start: charge?.period.start,
    });
  });

  it("schedules a switch that must be released before an end can be set", async () => {
    const { subscriptionId } = await subscribe(simulator, stripe, "price_pro_yearly");
    await simulator.control.planSwitch(subscriptionId, "price_pro_monthly");
    const { schedule } = await stripe.subscriptions.retrieve(subscriptionId);
    const end = () => stripe.subscriptions.update(subscriptionId, { cancel_at_period_end: true });
    await expect(end()).rejects.toThrow(/managed by the subscription schedule/);
    const released = await stripe.subscriptionSchedules.release(String(schedule));
    expect(released).toMatchObject({ status: "released", released_subscription: subscriptionId });
    expect(await end()).toMatchObject({ cancel_at_period_end: true, schedule: null });
    await simulator.control.advanceClock({ years: 1, days: 1 });
    expect((await stripe.subscriptions.retrieve(subscriptionId)).status).toBe("canceled");
  });

  it("switches to the shorter interval at the end of the period", async () => {
    const { customer, subscriptionId } = await subscribe(simulator, stripe, "price_pro_yearly");
    const portal = await openPortal(customer.id);
    await portal.submit({
      action: "switch",
      subscription: subscriptionId,
      price: "price_pro_monthly",
    });
    expect(await portal.read()).toContain('data-testid="planned"');
    const planned = await stripe.subscriptions.retrieve(subscriptionId);
    expect(planned.items.data[0]?.price.id).toBe("price_pro_yearly");
    expect(planned.schedule).toMatch(/^sub_sched_/);
    await simulator.control.advanceClock({ years: 1, days: 1 });
    const changed = await stripe.subscriptions.retrieve(subscriptionId);
    expect(changed).toMatchObject({
      schedule: planned.schedule,
      items: { data: [{ price: { id: "price_pro_monthly" } }] },
    });
    const [invoice] = (await stripe.invoices.list({ subscription: subscriptionId })).data;
    expect(invoice).toMatchObject({ billing_reason: "subscription_cycle", total: 990 });
    await simulator.control.advanceClock({ months: 1 });
    expect(await stripe.subscriptions.retrieve(subscriptionId)).toMatchObject({ schedule: null });
  });

  it("schedules a cheaper plan for the end of the period, and keeps the current one on request", async () => {
    const cheap = { ...samplePrices[0], id: "price_basic", unitAmountCents: 490 } as SimulatorPrice;
    await simulator.close();
    simulator = await startForTest({ prices: [...samplePrices, cheap] });
    stripe = clientOf(simulator);
    const { customer, subscriptionId } = await subscribe(simulator, stripe, "price_pro_monthly");
    const portal = await openPortal(customer.id);
    const fields = { subscription: subscriptionId, price: cheap.id };
    await portal.submit({ action: "switch", ...fields });
    const planned = await stripe.subscriptions.retrieve(subscriptionId, { expand: ["schedule"] });
    expect(planned).toMatchObject({
      items: { data: [{ price: { id: "price_pro_monthly" } }] },
      schedule: {
        status: "active",
        phases: [{ items: [{ price: "price_pro_monthly" }] }, { items: [{ price: cheap.id }] }],
      },
    });
    await portal.submit({ action: "keep", subscription: subscriptionId });
    expect((await stripe.subscriptions.retrieve(subscriptionId)).schedule).toBeNull();
    await portal.submit({ action: "switch", ...fields });
    await portal.submit({ action: "cancel", subscription: subscriptionId });
    expect(await stripe.subscriptions.retrieve(subscriptionId)).toMatchObject({
      schedule: null,
      cancel_at: planned.items.data[0]?.current_period_end,
    });
  });

  it("offers only what its configuration allows", async () => {
    const { customer, subscriptionId } = await subscribe(simulator, stripe, "price_pro_monthly");
    const made = await stripe.billingPortal.configurations.create({
      features: { invoice_history: { enabled: true }, subscription_cancel: { enabled: false } },
    });
    const portal = await openPortal(customer.id, { configuration: made.id });
    const page = await portal.read();
    expect(page).not.toContain('data-testid="cancel"');
    expect((await portal.submit({ action: "cancel", subscription: subscriptionId })).status).toBe(
      400,
    );
    await stripe.billingPortal.configurations.update(made.id, {
      features: { subscription_cancel: { enabled: true, mode: "at_period_end" } },
    });
    await portal.submit({ action: "cancel", subscription: subscriptionId });
    expect((await stripe.subscriptions.retrieve(subscriptionId)).cancel_at).not.toBeNull();
    const { data } = await stripe.billingPortal.configurations.list({ limit: 1 });
    expect(data).toMatchObject([{ id: made.id, features: { invoice_history: { enabled: true } } }]);
  });

  it("rejects other customers' subscriptions", async () => {
    const mine = await subscribe(simulator, stripe, "price_pro_monthly");
    const other = await subscribe(simulator, stripe, "price_pro_monthly");
    const portal = await openPortal(mine.customer.id);
    const response = await portal.submit({ action: "cancel", subscription: other.subscriptionId });
    expect(response.status).toBe(400);
    expect((await stripe.subscriptions.retrieve(other.subscriptionId)).cancel_at).toBeNull();
  });
});

describe("a plan switch", () => {
  it("creates a negative invoice for a cheaper interval and adds it to the customer balance", async () => {
    const { customer, subscriptionId } = await subscribe(simulator, stripe, "price_pro_yearly");
    await simulator.control.switchPlan(subscriptionId, "price_pro_monthly");
    const [invoice] = (await stripe.invoices.list({ subscription: subscriptionId })).data;
    expect(invoice).toMatchObject({ status: "paid", amount_due: 0, amount_paid: 0 });
    expect(invoice?.total).toBeLessThan(-8000);
    const { data: payments } = await stripe.invoicePayments.list({ invoice: invoice?.id ?? "" });
    expect(payments).toEqual([]);
    const credited = await stripe.customers.retrieve(customer.id);
    expect(credited).toMatchObject({ balance: invoice?.total });
    await simulator.control.advanceClock({ days: 32 });
    const [renewal] = (await stripe.invoices.list({ subscription: subscriptionId })).data;
    expect(renewal).toMatchObject({ total: 990, amount_due: 0, status: "paid" });
    expect(renewal?.ending_balance).toBe((invoice?.total ?? 0) + 990);
  });

  it("prorates both prices within the interval, now or on the next invoice", async () => {
    const { subscriptionId } = await subscribe(simulator, stripe, "price_pro_monthly");
    const expensive = await stripe.prices.create({
      product: "prod_pro",
      currency: "usd",
      unit_amount: 1990,
      recurring: { interval: "month" },
    });
    await simulator.control.advanceClock({ days: 10 });
    await simulator.control.switchPlan(subscriptionId, expensive.id);
    const [update] = (await stripe.invoices.list({ subscription: subscriptionId })).data;
    const prorations = update?.lines.data.map(
      ({ parent }) => parent?.subscription_item_details?.proration,
    );
    expect(prorations).toEqual([true, true]);
    const waiting = { proration: "create_prorations" } as const;
    await simulator.control.switchPlan(subscriptionId, "price_pro_monthly", waiting);
    await simulator.control.advanceClock({ days: 25 });
    const [cycle] = (await stripe.invoices.list({ subscription: subscriptionId })).data;
    expect(cycle).toMatchObject({ billing_reason: "subscription_cycle" });
    expect(cycle?.lines.data).toHaveLength(3);
    expect(cycle?.total).toBeLessThan(990);
  });
});
