import { millisecondsInHour, millisecondsInMinute } from "date-fns/constants";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type Subscriber, SwitchFixture, shareLeft } from "./switch-fixture";

vi.mock("@/catalog/catalog", () => import("./tiers-catalog"));

let fixture: SwitchFixture;
beforeAll(async () => {
  fixture = await SwitchFixture.create();
});
afterEach(async () => {
  await fixture.control.setDeliveryMode("normal");
  await fixture.billing.expectBalanced();
});
afterAll(() => fixture.billing.close());

const advance = (days: number) => fixture.control.advanceClock({ days });

/** The difference from 1,000 to 3,000 credits for the rest of the month, from the last invoice. */
async function difference(subscriber: Subscriber, credits = 2000): Promise<number> {
  const { lines } = await subscriber.lastInvoice();
  const { current_period_start: start } = await subscriber.item();
  const [line] = lines.data;
  if (line === undefined) throw new Error("The invoice has no line.");
  return Math.round(credits * shareLeft(line.period.start, { start, end: line.period.end }));
}

describe("an upgrade of a month", () => {
  it("grants the difference for the rest of the month once", async () => {
    const subscriber = await fixture.subscribe("pro-monthly");
    const { until } = await subscriber.membership();
    await advance(10);
    await subscriber.switchTo("max-monthly");
    const granted = await difference(subscriber);
    expect(granted).toBeGreaterThan(1200);
    expect(granted).toBeLessThan(1450);
    expect(await subscriber.grants()).toEqual([1000, granted]);
    expect(await subscriber.membership()).toMatchObject({ plan: "max-monthly", until });
    expect(await subscriber.lastPayment()).toMatchObject({
      item: "max-monthly",
      credits: granted,
      memberUntilAt: until,
    });
    await fixture.billing.deliver(fixture.billing.latest("invoice.paid"));
    expect(await subscriber.grants()).toEqual([1000, granted]);
    await fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });
    expect(await subscriber.grants()).toEqual([1000, granted, 3000]);
  });

  it("grants nothing while its payment fails, and the same difference once it is paid", async () => {
    const subscriber = await fixture.subscribe("pro-monthly");
    await advance(10);
    fixture.control.failNextPayment(subscriber.subscriptionId);
    await subscriber.switchTo("max-monthly");
    const owed = await difference(subscriber);
    expect(await subscriber.grants()).toEqual([1000]);
    expect(await subscriber.membership()).toMatchObject({ plan: "pro-monthly" });
    await advance(4);
    expect(await subscriber.grants()).toEqual([1000, owed]);
    expect(await subscriber.membership()).toMatchObject({ plan: "max-monthly", status: "active" });
  });

  it("grants nothing twice when the plan is left and bought again", async () => {
    const subscriber = await fixture.subscribe("pro-monthly");
    await advance(3);
    await subscriber.switchTo("max-monthly");
    const granted = await difference(subscriber);
    for (const item of ["pro-monthly", "max-monthly", "pro-monthly", "max-monthly"]) {
      await advance(4);
      await subscriber.switchTo(item);
    }
    expect(await subscriber.grants()).toEqual([1000, granted]);
    expect(await subscriber.membership()).toMatchObject({ plan: "max-monthly" });
    await subscriber.switchTo("pro-monthly");
    expect(await subscriber.membership()).toMatchObject({ plan: "pro-monthly" });
  });

  it("grants the difference to a third tier from the highest plan so far", async () => {
    const subscriber = await fixture.subscribe("pro-monthly");
    await advance(5);
    await subscriber.switchTo("max-monthly");
    const first = await difference(subscriber);
    await advance(5);
    await subscriber.switchTo("ultra-monthly");
    expect(await subscriber.grants()).toEqual([1000, first, await difference(subscriber, 6000)]);
  });

  it("grants the few credits of the last hour, and a whole allotment an hour later", async () => {
    const subscriber = await fixture.subscribe("pro-monthly");
    const { until } = await subscriber.membership();
    const ms =
      (until?.getTime() ?? 0) - fixture.control.now().getTime() - 30 * millisecondsInMinute;
    await fixture.control.advanceClock({ ms });
    await subscriber.switchTo("max-monthly");
    const [, granted] = await subscriber.grants();
    expect(granted).toBeLessThan(4);
    await fixture.control.advanceClock({ ms: 2 * millisecondsInHour });
    expect(await subscriber.grants()).toEqual([1000, granted, 3000]);
  });

  it("waits for the payment of its month when it is bought in the hour before that", async () => {
    const subscriber = await fixture.subscribe("pro-monthly");
    await fixture.control.advanceClock({ months: 1 });
    await subscriber.switchTo("max-monthly");
    const owed = await difference(subscriber);
    expect(await subscriber.grants()).toEqual([1000]);
    await fixture.control.advanceClock({ ms: 2 * millisecondsInHour });
    expect(await subscriber.grants()).toEqual([1000, 1000, owed]);
    expect(await subscriber.membership()).toMatchObject({ plan: "max-monthly" });
  });

  it("grants the difference once for each plan of the quantity", async () => {
    const subscriber = await fixture.subscribe("pro-monthly");
    const monthly = await fixture.billing.priceOf("pro-monthly");
    await fixture.control.switchPlan(subscriber.subscriptionId, monthly, {
      quantity: 3,
      proration: "create_prorations",
    });
    await fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });
    expect(await subscriber.grants()).toEqual([1000, 3000]);
    await advance(10);
    await subscriber.switchTo("max-monthly");
    expect(await subscriber.grants()).toEqual([1000, 3000, await difference(subscriber, 6000)]);
  });
});
