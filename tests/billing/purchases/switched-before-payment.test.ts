import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { getMembership } from "@/billing/queries";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { now } from "@/lib/clock";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(() => fixture.expectBalanced());
afterAll(() => fixture.close());

const membership = (userId: string) => getMembership(fixture.db, { userId, at: now() });

const distribute = () =>
  distributeCredits(fixture.db, { now: now(), deadlineMs: Number.POSITIVE_INFINITY });

/** Buys a plan by bank debit, switches it after some days, and settles the debit a day later. */
async function switchBeforePayment(
  userId: string,
  {
    item,
    price,
    days,
    outcome = "succeed",
  }: {
    item: "pro-monthly" | "pro-yearly";
    price: string;
    days: number;
    outcome?: "succeed" | "fail";
  },
) {
  const sessionId = await fixture.buy(userId, item, "later");
  const subscriptionId = await fixture.subscriptionOf(sessionId);
  await fixture.control.advanceClock({ days });
  await fixture.control.switchPlan(subscriptionId, price);
  await fixture.control.advanceClock({ days: 1 });
  const before = await fixture.granted(userId);
  await fixture.control.settleDelayedPayment(sessionId, outcome);
  return { subscriptionId, before };
}

const monthsOf = async (userId: string, invoiceId: string | null) =>
  (await fixture.allotments(userId)).filter(({ key }) => key.includes(String(invoiceId)));

describe("a period that a switch of plans leaves before its bank debit settles", () => {
  it.each([
    [0, 0],
    [6, 200],
  ])(
    "grants the share of a month until the switch to a year after %i days",
    async (days, share) => {
      const userId = await fixture.signUp();
      const april = Date.UTC(now().getUTCFullYear() + 1, 3, 1);
      await fixture.control.advanceClock({ ms: april - now().getTime() });
      const { before } = await switchBeforePayment(userId, {
        item: "pro-monthly",
        price: "price_pro_yearly",
        days,
      });
      expect(before).toBe(1000);
      expect(await fixture.granted(userId)).toBe(1000 + share);
      const [year, month] = await fixture.payments(userId);
      expect(month).toMatchObject({
        item: "pro-monthly",
        amountCents: 990,
        credits: share,
        memberUntilAt: year?.memberFromAt,
        refusal: null,
      });
      await fixture.control.advanceClock({ months: 11, days: 20 });
      await distribute();
      expect(await monthsOf(userId, year?.invoiceId ?? null)).toHaveLength(12);
      expect(await fixture.granted(userId)).toBe(12_000 + share);
    },
  );

  it("grants one month of a year that was switched to months, whose debit then settles", async () => {
    const userId = await fixture.signUp();
    const { before } = await switchBeforePayment(userId, {
      item: "pro-yearly",
      price: "price_pro_monthly",
      days: 6,
    });
    expect(before).toBe(0);
    const [month, year] = await fixture.payments(userId);
    expect(year).toMatchObject({
      item: "pro-yearly",
      amountCents: 9900,
      credits: 1000,
      memberUntilAt: month?.memberFromAt,
    });
    expect(await membership(userId)).toMatchObject({ plan: "pro-monthly" });
    await fixture.control.advanceClock({ months: 2, days: 1 });
    await distribute();
    expect(await monthsOf(userId, year?.invoiceId ?? null)).toHaveLength(1);
    expect(await fixture.granted(userId)).toBe(3000);
  });

  it("grants the same when the event of the debit arrives before the switch's", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.buy(userId, "pro-monthly", "later");
    const subscription = await fixture.subscriptionOf(sessionId);
    await fixture.control.setDeliveryMode("drop");
    await fixture.control.advanceClock({ days: 6 });
    await fixture.control.switchPlan(subscription, "price_pro_yearly");
    await fixture.control.advanceClock({ days: 1 });
    await fixture.control.settleDelayedPayment(sessionId, "succeed");
    await fixture.control.setDeliveryMode("normal");
    await fixture.deliver(fixture.latest("invoice.paid"));
    const { data } = await fixture.billing.stripe.invoices.list({ subscription });
    const [switched, month] = data.map(({ id }) => `invoice:${id}:allotment`);
    const byKey = (await fixture.allotments(userId)).map(({ key, amount }) => [key, amount]);
    expect(byKey[0]).toEqual([switched, 1000]);
    expect(byKey[1]).toEqual([month, expect.toSatisfy((share) => share > 150 && share < 250)]);
  });

  it("grants nothing when the debit fails", async () => {
    const userId = await fixture.signUp();
    const { before } = await switchBeforePayment(userId, {
      item: "pro-monthly",
      price: "price_pro_yearly",
      days: 6,
      outcome: "fail",
    });
    expect(await fixture.granted(userId)).toBe(before);
    expect(await fixture.payments(userId)).toHaveLength(1);
  });
});
