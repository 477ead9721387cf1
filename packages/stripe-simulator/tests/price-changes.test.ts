import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Simulator } from "../src/start-simulator";
import { clientOf, startForTest, subscribe } from "./support";

let simulator: Simulator;
let stripe: Stripe;

beforeEach(async () => {
  simulator = await startForTest();
  stripe = clientOf(simulator);
});
afterEach(() => simulator.close());

async function subscribed() {
  const { subscriptionId } = await subscribe(simulator, stripe, "price_pro_monthly");
  const { items } = await stripe.subscriptions.retrieve(subscriptionId);
  const created = await stripe.prices.create({
    product: "prod_pro",
    currency: "usd",
    unit_amount: 1290,
    recurring: { interval: "month" },
  });
  const change = (item: { price?: string; quantity?: number } = {}) =>
    stripe.subscriptions.update(subscriptionId, {
      items: [{ id: items.data[0]?.id ?? "", price: created.id, ...item }],
      proration_behavior: "none",
    });
  return { subscriptionId, before: items.data[0], price: created.id, change };
}

describe("a change of the price without proration", () => {
  it("bills nothing before the next period, which costs the new price", async () => {
    const { subscriptionId, before, price, change } = await subscribed();
    const { items } = await change({ quantity: 2 });
    expect(items.data[0]).toMatchObject({
      price: { id: price },
      quantity: 2,
      current_period_end: before?.current_period_end,
    });
    const invoices = () => stripe.invoices.list({ subscription: subscriptionId });
    expect((await invoices()).data).toHaveLength(1);
    await simulator.control.advanceClock({ months: 1, days: 1 });
    expect((await invoices()).data[0]?.amount_paid).toBe(2580);
  });

  it("resets the quantity to 1 unless it is given", async () => {
    const { before, change } = await subscribed();
    await change({ price: before?.price.id ?? "", quantity: 3 });
    expect((await change()).items.data[0]?.quantity).toBe(1);
  });

  it("credits a switch by what was charged for the period", async () => {
    const { subscriptionId, before, change } = await subscribed();
    await simulator.control.advanceClock({ days: 10 });
    await change();
    await simulator.control.switchPlan(subscriptionId, "price_pro_yearly");
    const [invoice] = (await stripe.invoices.list({ subscription: subscriptionId })).data;
    const [credit] = invoice?.lines.data ?? [];
    const days = ((credit?.period.end ?? 0) - (credit?.period.start ?? 0)) / 86_400;
    expect(credit?.pricing?.price_details?.price).toBe(before?.price.id);
    expect(credit?.amount).toBe(-Math.round((990 * days) / (days + 10)));
  });

  it("refuses an archived price", async () => {
    const { price, change } = await subscribed();
    await stripe.prices.update(price, { active: false });
    await expect(change()).rejects.toThrow("inactive");
  });

  it("lists the subscriptions that have an item at a price", async () => {
    const { subscriptionId, price, change } = await subscribed();
    const listed = async () =>
      (await stripe.subscriptions.list({ price })).data.map(({ id }) => id);
    expect(await listed()).toEqual([]);
    await change();
    expect(await listed()).toEqual([subscriptionId]);
  });
});
