import type Stripe from "stripe";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Simulator } from "../src/start-simulator";
import { clientOf, startForTest, subscribe } from "./support";

let simulator: Simulator;
let stripe: Stripe;
let subscriptionId: string;

beforeEach(async () => {
  simulator = await startForTest();
  stripe = clientOf(simulator);
  ({ subscriptionId } = await subscribe(simulator, stripe, "price_pro_monthly"));
});
afterEach(() => simulator.close());

const create = () => stripe.subscriptionSchedules.create({ from_subscription: subscriptionId });

/** Schedules a price for the end of the running period. */
async function scheduleNext(price: string): Promise<Stripe.SubscriptionSchedule> {
  const { id, phases } = await create();
  const [{ start_date, end_date } = expect.fail("no phase")] = phases;
  return stripe.subscriptionSchedules.update(id, {
    phases: [
      { items: [{ price: "price_pro_monthly", quantity: 1 }], start_date, end_date },
      { items: [{ price, quantity: 1 }] },
    ],
  });
}

const read = () => stripe.subscriptions.retrieve(subscriptionId);

describe("a subscription schedule", () => {
  it("starts with the running period as its only phase", async () => {
    const schedule = await create();
    const { items } = await read();
    const [item] = items.data;
    expect(schedule).toMatchObject({
      status: "active",
      subscription: subscriptionId,
      end_behavior: "release",
      current_phase: { start_date: item?.current_period_start, end_date: item?.current_period_end },
      phases: [{ items: [{ price: "price_pro_monthly", quantity: 1 }] }],
    });
    expect((await read()).schedule).toBe(schedule.id);
    await expect(create()).rejects.toThrow(/already attached to a schedule/);
  });

  it("changes the price when its next phase begins, and is released when its last one ends", async () => {
    const { id } = await scheduleNext("price_pro_yearly");
    await simulator.control.advanceClock({ months: 1, days: 1 });
    expect((await read()).items.data[0]?.price.id).toBe("price_pro_yearly");
    const [invoice] = (await stripe.invoices.list({ subscription: subscriptionId })).data;
    expect(invoice).toMatchObject({ billing_reason: "subscription_cycle", total: 9900 });
    const running = await stripe.subscriptionSchedules.retrieve(id);
    expect(running.current_phase?.start_date).toBe(running.phases[1]?.start_date);
    await simulator.control.advanceClock({ years: 1 });
    expect(await stripe.subscriptionSchedules.retrieve(id)).toMatchObject({
      status: "released",
      subscription: null,
      released_subscription: subscriptionId,
    });
    expect(await read()).toMatchObject({
      schedule: null,
      items: { data: [{ price: { id: "price_pro_yearly" } }] },
    });
  });

  it("leaves the subscription as it is when it is released", async () => {
    const { id } = await scheduleNext("price_pro_yearly");
    await stripe.subscriptionSchedules.release(id);
    await simulator.control.advanceClock({ months: 1, days: 1 });
    expect((await read()).items.data[0]?.price.id).toBe("price_pro_monthly");
    for (const call of [
      stripe.subscriptionSchedules.release(id),
      stripe.subscriptionSchedules.update(id, { metadata: { a: "b" } }),
    ]) {
      await expect(call).rejects.toThrow(/currently in the `released` status/);
    }
  });

  it("does not let the subscription's end be set, and ends with the subscription", async () => {
    const { id } = await scheduleNext("price_pro_yearly");
    for (const cancel_at_period_end of [true, false]) {
      await expect(
        stripe.subscriptions.update(subscriptionId, { cancel_at_period_end }),
      ).rejects.toThrow(/managed by the subscription schedule/);
    }
    await stripe.subscriptions.cancel(subscriptionId, { prorate: false });
    expect((await stripe.subscriptionSchedules.retrieve(id)).status).toBe("canceled");
  });

  it("rejects phases that do not continue the running period", async () => {
    const { id, phases } = await create();
    const [{ start_date, end_date } = expect.fail("no phase")] = phases;
    const items = [{ price: "price_pro_monthly" }];
    const update = (...given: Stripe.SubscriptionScheduleUpdateParams.Phase[]) =>
      stripe.subscriptionSchedules.update(id, { phases: given });
    await expect(update({ items, start_date: start_date + 1, end_date })).rejects.toThrow(
      /start date of the current phase/,
    );
    await expect(
      update({ items, start_date, end_date }, { items, start_date: end_date + 1 }),
    ).rejects.toThrow(/without a gap/);
  });
});

describe("a change of a subscription's item", () => {
  it("changes the price without an invoice if it is not prorated", async () => {
    const expensive = await stripe.prices.create({
      product: "prod_pro",
      currency: "usd",
      unit_amount: 1990,
      recurring: { interval: "month" },
    });
    const [item] = (await read()).items.data;
    const items = [{ id: item?.id ?? "", price: expensive.id }];
    await stripe.subscriptions.update(subscriptionId, { items, proration_behavior: "none" });
    expect((await stripe.invoices.list({ subscription: subscriptionId })).data).toHaveLength(1);
    await simulator.control.advanceClock({ months: 1, days: 1 });
    const [renewal] = (await stripe.invoices.list({ subscription: subscriptionId })).data;
    expect(renewal?.total).toBe(1990);
  });
});
