import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Simulator } from "../src/start-simulator";
import { checkout, clientOf, startForTest } from "./support";

let simulator: Simulator;
let stripe: Stripe;

beforeAll(async () => {
  simulator = await startForTest();
  stripe = clientOf(simulator);
  const options = { jpy: { unit_amount: 1500 } };
  await stripe.prices.update("price_pro_monthly", { currency_options: options });
});
afterAll(() => simulator.close());

const amountsOf = async (price: string) => {
  const { currency_options } = await stripe.prices.retrieve(price, {
    expand: ["currency_options"],
  });
  return Object.entries(currency_options ?? {}).map(([code, one]) => [code, one.unit_amount]);
};

async function subscribeInYen() {
  const customer = await stripe.customers.create({});
  const session = await checkout(stripe, "price_pro_monthly", {
    customer: customer.id,
    currency: "jpy",
  });
  const paid = await simulator.control.pay(session.id);
  return { customer, session, subscriptionId: paid.session.subscription ?? "" };
}

describe("currency options", () => {
  it("are added to a price and keep the others", async () => {
    await stripe.prices.update("price_pack_standard", {
      currency_options: { jpy: { unit_amount: 2200 } },
    });
    expect(await amountsOf("price_pack_standard")).toEqual([
      ["usd", 1490],
      ["eur", 1390],
      ["jpy", 2200],
    ]);
  });

  it("decide what a subscription's first invoice and its renewal cost", async () => {
    const { session, subscriptionId } = await subscribeInYen();
    expect(session).toMatchObject({ currency: "jpy", amount_total: 1500 });
    expect(await stripe.subscriptions.retrieve(subscriptionId)).toMatchObject({ currency: "jpy" });
    await simulator.control.advanceClock({ days: 32 });
    const { data } = await stripe.invoices.list({ subscription: subscriptionId });
    expect(data.map(({ currency, amount_paid }) => [currency, amount_paid])).toEqual([
      ["jpy", 1500],
      ["jpy", 1500],
    ]);
    const [line] = data[0]?.lines.data ?? [];
    expect(line?.pricing?.unit_amount_decimal?.toString()).toBe("1500");
  });

  it("of a subscription's currency are shown in the portal, and prices without it are not offered", async () => {
    const { customer, subscriptionId } = await subscribeInYen();
    const portal = await stripe.billingPortal.sessions.create({
      customer: customer.id,
      return_url: "http://localhost:3000/billing",
    });
    const page = await (await fetch(portal.url)).text();
    expect(page.replaceAll("\u00a0", " ")).toContain("JPY 1,500");
    expect(page).not.toContain("switch-price_pro_yearly");
    for (const act of ["switchPlan", "planSwitch"] as const) {
      const refused = simulator.control[act](subscriptionId, "price_pro_yearly");
      await expect(refused).rejects.toThrow(/only supports `usd`/);
    }
    expect((await stripe.subscriptions.retrieve(subscriptionId)).schedule).toBeNull();
  });

  it("bind a customer's next subscription while one lives", async () => {
    const { customer } = await subscribeInYen();
    const other = checkout(stripe, "price_pro_monthly", { customer: customer.id });
    await expect(other).rejects.toThrow(/cannot combine currencies/);
  });
});
