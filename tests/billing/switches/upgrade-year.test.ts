import { millisecondsInHour } from "date-fns/constants";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { getBalance } from "@/ledger/reads/balance";
import { now } from "@/lib/clock";
import { type Subscriber, SwitchFixture, shareLeft } from "./switch-fixture";

vi.mock("@/catalog/catalog", () => import("./tiers-catalog"));

let fixture: SwitchFixture;
beforeAll(async () => {
  fixture = await SwitchFixture.create();
});
afterEach(() => fixture.billing.expectBalanced());
afterAll(() => fixture.billing.close());

const advance = (days: number) => fixture.control.advanceClock({ days });

/** Advances a month and returns what it granted, in all. */
async function nextMonth(subscriber: Subscriber): Promise<number> {
  const before = sum(await subscriber.grants());
  await fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });
  await fixture.distribute();
  return sum(await subscriber.grants()) - before;
}

const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0);
const nextAllotment = async ({ userId }: Subscriber) =>
  (await getBalance(fixture.billing.db, { userId, at: now() })).nextAllotment;

describe("an upgrade of a year", () => {
  it("grants the difference for the rest of the month and changes every month to come", async () => {
    const subscriber = await fixture.subscribe("pro-yearly");
    const { until } = await subscriber.membership();
    expect(await nextMonth(subscriber)).toBe(1000);
    const due = await nextAllotment(subscriber);
    await advance(10);
    await subscriber.switchTo("max-yearly");
    const [, , granted = 0, ...others] = await subscriber.grants();
    expect(others).toEqual([]);
    expect(granted).toBeGreaterThan(1200);
    expect(granted).toBeLessThan(1450);
    expect(await nextAllotment(subscriber)).toEqual({ credits: 3000, dueAt: due?.dueAt });
    expect(await subscriber.membership()).toMatchObject({ plan: "max-yearly", until });
    expect(await nextMonth(subscriber)).toBe(3000);
    await subscriber.switchTo("pro-yearly");
    expect(await subscriber.grants()).toHaveLength(5);
    expect(await nextAllotment(subscriber)).toMatchObject({ credits: 1000 });
    await subscriber.switchTo("max-yearly");
    expect(await subscriber.grants()).toHaveLength(5);
    expect(await nextMonth(subscriber)).toBe(3000);
  });

  it("changes the months after the switch when it is paid a month later", async () => {
    const subscriber = await fixture.subscribe("pro-yearly");
    await advance(29);
    fixture.control.failNextPayment(subscriber.subscriptionId);
    await subscriber.switchTo("max-yearly");
    expect(await nextAllotment(subscriber)).toMatchObject({ credits: 1000 });
    await advance(4);
    await fixture.distribute();
    const [first, ...later] = await subscriber.grants();
    expect(first).toBe(1000);
    expect(later.toSorted((a, b) => a - b)).toEqual([expect.any(Number), 1000, 2000]);
    expect(Math.min(...later)).toBeLessThan(200);
    expect(await nextMonth(subscriber)).toBe(3000);
  });

  it("loses its schedule when a negative invoice returns to a lower tier, and keeps its credits", async () => {
    const subscriber = await fixture.subscribe("max-yearly");
    await advance(5);
    await subscriber.switchTo("pro-yearly");
    expect(await subscriber.grants()).toEqual([3000]);
    expect(await subscriber.membership()).toMatchObject({ plan: "pro-yearly" });
    expect(await nextMonth(subscriber)).toBe(1000);
    await subscriber.switchTo("ultra-yearly");
    const granted = (await subscriber.grants()).at(-1);
    expect(granted).toBeGreaterThan(6000);
    expect(granted).toBeLessThan(7000);
    expect(await nextMonth(subscriber)).toBe(9000);
  });

  it("promises a tier's months once when it is paid after a higher tier was left for it", async () => {
    const subscriber = await fixture.subscribe("pro-yearly");
    await advance(3);
    fixture.control.failNextPayment(subscriber.subscriptionId);
    await subscriber.switchTo("max-yearly");
    const { id: unpaid = "" } = await subscriber.lastInvoice();
    await advance(1);
    await subscriber.switchTo("ultra-yearly");
    await advance(1);
    await subscriber.switchTo("max-yearly");
    await fixture.control.payInvoice(unpaid);
    expect(sum(await subscriber.grants())).toBeLessThanOrEqual(9000);
    expect(await nextMonth(subscriber)).toBe(3000);
    expect(await nextMonth(subscriber)).toBe(3000);
  });

  it("promises its months when it is paid after an unpaid higher tier was left for it", async () => {
    const subscriber = await fixture.subscribe("pro-yearly");
    const unpaid: string[] = [];
    for (const item of ["max-yearly", "ultra-yearly"]) {
      await advance(1);
      fixture.control.failNextPayment(subscriber.subscriptionId);
      await subscriber.switchTo(item);
      unpaid.push((await subscriber.lastInvoice()).id ?? "");
    }
    await advance(1);
    await subscriber.switchTo("max-yearly");
    for (const id of unpaid) await fixture.control.payInvoice(id);
    expect(await nextMonth(subscriber)).toBe(3000);
    expect(await nextMonth(subscriber)).toBe(3000);
  });

  it("promises the middle tier's months when it is paid after the middle tier was switched to", async () => {
    const subscriber = await fixture.subscribe("pro-yearly");
    await advance(3);
    fixture.control.failNextPayment(subscriber.subscriptionId);
    await subscriber.switchTo("ultra-yearly");
    const { id: unpaid = "" } = await subscriber.lastInvoice();
    await advance(1);
    await subscriber.switchTo("max-yearly");
    expect(await nextAllotment(subscriber)).toMatchObject({ credits: 1000 });
    await fixture.control.payInvoice(unpaid);
    expect(sum(await subscriber.grants())).toBeLessThanOrEqual(9000);
    expect(await nextMonth(subscriber)).toBe(3000);
    await subscriber.switchTo("ultra-yearly");
    expect(await nextMonth(subscriber)).toBe(9000);
  });

  it("returns to the lower tier's year when it is refunded in full", async () => {
    const subscriber = await fixture.subscribe("pro-yearly");
    const { until } = await subscriber.membership();
    await advance(10);
    await subscriber.switchTo("max-yearly");
    expect(await nextMonth(subscriber)).toBe(3000);
    const [, expired = 0] = await subscriber.grants();
    await subscriber.refundLast();
    // The difference of the first month expired unused.
    expect(await fixture.billing.granted(subscriber.userId)).toBe(2000 + expired);
    expect(await subscriber.membership()).toMatchObject({ plan: "pro-yearly", until });
    expect((await subscriber.item()).price.id).toBe(await fixture.billing.priceOf("pro-yearly"));
    expect(await nextMonth(subscriber)).toBe(1000);
  });

  it("keeps the unrefunded share of the difference when it is refunded in part", async () => {
    const subscriber = await fixture.subscribe("pro-yearly");
    await advance(10);
    await subscriber.switchTo("max-yearly");
    const [, granted = 0] = await subscriber.grants();
    await subscriber.refundLast(0.5);
    const { amountCents, refundedCents } = await subscriber.lastPayment();
    const kept = Math.round((granted * (amountCents - refundedCents)) / amountCents);
    expect(await fixture.billing.granted(subscriber.userId)).toBe(1000 + kept);
    expect(await subscriber.membership()).toMatchObject({ plan: "max-yearly" });
    expect(await nextMonth(subscriber)).toBe(2000);
  });
});

describe("the first payment of an upgraded year", () => {
  it("changes nothing when its whole refund fails", async () => {
    const subscriber = await fixture.subscribe("pro-yearly");
    await advance(10);
    await subscriber.switchTo("max-yearly");
    const { plan, until } = await subscriber.membership();
    const granted = await fixture.billing.granted(subscriber.userId);
    const allotment = await nextAllotment(subscriber);
    expect(allotment).toMatchObject({ credits: 3000 });
    const [first] = await subscriber.payments();
    const { id } = await subscriber.refund(first?.paymentIntentId ?? null);
    expect(await subscriber.membership()).toMatchObject({ kind: "free" });
    await fixture.control.failRefund(id);
    expect(await subscriber.membership()).toMatchObject({ plan, until });
    expect(plan).toBe("max-yearly");
    expect(await fixture.billing.granted(subscriber.userId)).toBe(granted);
    expect(await nextAllotment(subscriber)).toEqual(allotment);
    expect(await nextMonth(subscriber)).toBe(3000);
  });
});

describe("a switch to a dearer plan with fewer credits", () => {
  it("returns to the plan before it when it is refunded in full, and not if the refund fails", async () => {
    const subscriber = await fixture.subscribe("max-yearly");
    const { until } = await subscriber.membership();
    await advance(10);
    await subscriber.switchTo("desk-yearly");
    expect(await nextAllotment(subscriber)).toMatchObject({ credits: 2000 });
    const { id } = await subscriber.refund((await subscriber.lastPayment()).paymentIntentId);
    expect(await subscriber.membership()).toMatchObject({ plan: "max-yearly", until });
    expect((await subscriber.item()).price.id).toBe(await fixture.billing.priceOf("max-yearly"));
    expect(await nextMonth(subscriber)).toBe(3000);
    await fixture.control.failRefund(id);
    expect(await subscriber.membership()).toMatchObject({ plan: "desk-yearly", until });
    expect(await nextAllotment(subscriber)).toMatchObject({ credits: 2000 });
  });
});

describe("an upgrade from a month to a year", () => {
  it("grants the difference for the rest of the month, and the year's months from its end", async () => {
    const subscriber = await fixture.subscribe("pro-monthly");
    const { until } = await subscriber.membership();
    await advance(10);
    await subscriber.switchTo("max-yearly");
    const [, granted = 0, ...others] = await subscriber.grants();
    expect(others).toEqual([]);
    expect(granted).toBeGreaterThan(1200);
    expect(granted).toBeLessThan(1450);
    expect(await nextAllotment(subscriber)).toEqual({ credits: 3000, dueAt: until });
    await subscriber.switchTo("pro-monthly");
    await subscriber.switchTo("ultra-yearly");
    expect(sum(await subscriber.grants())).toBeLessThanOrEqual(9000);
  });

  it("counts the rest of a month that began on the 31st from its start", async () => {
    const today = fixture.control.now();
    const start = Date.UTC(today.getUTCFullYear() + 1, 0, 31, 12);
    await fixture.control.advanceClock({ ms: start - today.getTime() });
    const subscriber = await fixture.subscribe("pro-monthly");
    await advance(7);
    await subscriber.switchTo("max-monthly");
    await advance(7);
    const { current_period_start, current_period_end: end } = await subscriber.item();
    await subscriber.switchTo("ultra-yearly");
    const { current_period_start: at } = await subscriber.item();
    const share = shareLeft(at, { start: current_period_start, end });
    expect((await subscriber.grants()).at(-1)).toBe(Math.round(6000 * share));
  });
});
