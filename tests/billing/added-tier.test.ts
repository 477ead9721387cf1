import { millisecondsInHour } from "date-fns/constants";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { ITEMS } from "@/catalog/items";
import { now } from "@/lib/clock";
import { type Subscriber, SwitchFixture } from "./switches/switch-fixture";

vi.mock("@/catalog/catalog", async (importOriginal) => {
  const { definition } = await importOriginal<typeof import("../support/catalog")>();
  const { defineCatalog } = await import("@/catalog/define-catalog");
  const max = {
    id: "max",
    tier: 2,
    name: { en: "Max", "zh-CN": "旗舰版" },
    creditsPerMonth: 3000,
    prices: { month: { usd: 2490 }, year: { usd: 24900 } },
  };
  return { catalog: defineCatalog({ ...definition, plans: [...definition.plans, max] }) };
});

let fixture: SwitchFixture;
beforeAll(async () => {
  fixture = await SwitchFixture.create();
});
afterEach(() => fixture.billing.expectBalanced());
afterAll(() => fixture.billing.close());

/** Passes the renewal, which Stripe charges an hour after the period's end. */
const renew = () => fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });

/** The credits that the rest of the month lacks of the new plan's. */
async function differenceOf(member: Subscriber, credits: { from: number; to: number }) {
  const { current_period_start: start, current_period_end: end } = await member.item();
  const share = (end - now().getTime() / 1000) / (end - start);
  return Math.round((credits.to - credits.from) * share);
}

describe("a tier that is added to the catalogue", () => {
  it("is sold by the month and by the year", () => {
    expect(ITEMS.map(({ id }) => id)).toEqual(
      expect.arrayContaining(["max-monthly", "max-yearly", "pro-monthly", "lifetime"]),
    );
  });

  it("is bought, renewed and refunded", async () => {
    const member = await fixture.subscribe("max-monthly");
    expect(await member.grants()).toEqual([3000]);
    expect(await member.membership()).toMatchObject({ plan: "max-monthly", status: "active" });
    await renew();
    expect(await member.grants()).toEqual([3000, 3000]);
    await member.refundLast();
    expect(await fixture.billing.granted(member.userId)).toBe(3000);
    expect(await member.membership()).toMatchObject({ plan: "free" });
    expect((await member.subscription()).status).toBe("canceled");
  });

  it("grants the difference of an upgrade, and renews at the lower tier after a downgrade", async () => {
    const member = await fixture.subscribe("pro-monthly");
    await fixture.control.advanceClock({ days: 10 });
    await member.switchTo("max-monthly");
    const difference = await differenceOf(member, { from: 1000, to: 3000 });
    expect(difference).toBeGreaterThan(1200);
    expect(await member.grants()).toEqual([1000, difference]);
    expect(await member.membership()).toMatchObject({ plan: "max-monthly", status: "active" });

    const pro = await fixture.billing.priceOf("pro-monthly");
    await fixture.control.planSwitch(member.subscriptionId, pro);
    expect(await member.membership()).toMatchObject({ plan: "max-monthly" });
    expect(await member.grants()).toEqual([1000, difference]);
    await renew();
    expect(await member.grants()).toEqual([1000, difference, 1000]);
    expect(await member.membership()).toMatchObject({ plan: "pro-monthly", status: "active" });

    await member.refundLast();
    expect(await fixture.billing.granted(member.userId)).toBe(1000 + difference);
    expect(await member.membership()).toMatchObject({ plan: "free" });
  });

  it("is bought by the year, with a month's credits every month", async () => {
    const member = await fixture.subscribe("max-yearly");
    await renew();
    await fixture.distribute();
    expect(await member.grants()).toEqual([3000, 3000]);
    await member.refundLast();
    expect(await fixture.billing.granted(member.userId)).toBe(0);
    expect(await member.membership()).toMatchObject({ plan: "free" });
  });
});
