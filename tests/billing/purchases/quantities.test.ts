import { millisecondsInHour } from "date-fns/constants";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ensureCustomer } from "@/billing/checkout/customer";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { now } from "@/lib/clock";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(() => fixture.expectBalanced());
afterAll(() => fixture.close());

const renew = () => fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });

describe("a plan bought with quantity 2", () => {
  async function subscribeTwice(item: "pro-monthly" | "pro-yearly") {
    const userId = await fixture.signUp();
    const sessionId = await fixture.openForeignSession({
      mode: "subscription",
      customer: await ensureCustomer(fixture.billing, userId),
      line_items: [{ price: await fixture.priceOf(item), quantity: 2 }],
    });
    await fixture.control.pay(sessionId);
    return { userId, id: await fixture.subscriptionOf(sessionId) };
  }

  it("grants two allotments for each paid month", async () => {
    const { userId } = await subscribeTwice("pro-monthly");
    await renew();
    const months = await fixture.allotments(userId);
    expect(months.map(({ amount }) => amount)).toEqual([2000, 2000]);
    expect(await fixture.payments(userId)).toMatchObject([{ quantity: 2 }, { quantity: 2 }]);
  });

  it("grants two allotments in every month of a year, and again after a renewal", async () => {
    const { userId } = await subscribeTwice("pro-yearly");
    for (let step = 1; step <= 12; step += 1) {
      await renew();
      await distributeCredits(fixture.db, { now: now(), deadlineMs: Number.POSITIVE_INFINITY });
    }
    // A step that starts on the 31st ends days before the period does.
    await fixture.control.advanceClock({ days: 4 });
    const months = await fixture.allotments(userId);
    expect(months.map(({ amount }) => amount)).toEqual(Array(13).fill(2000));
  });

  it("keeps two allotments through a switch to a year", async () => {
    const { userId, id } = await subscribeTwice("pro-monthly");
    await fixture.control.switchPlan(id, "price_pro_yearly");
    await renew();
    await distributeCredits(fixture.db, { now: now(), deadlineMs: Number.POSITIVE_INFINITY });
    const months = await fixture.allotments(userId);
    expect(months.map(({ amount }) => amount)).toEqual([2000, 2000]);
  });

  it("loses the share of both allotments that a partial refund returns", async () => {
    const { userId } = await subscribeTwice("pro-monthly");
    const [paid] = await fixture.payments(userId);
    await fixture.control.refund(paid?.paymentIntentId ?? "", 990);
    expect(await fixture.granted(userId)).toBe(1000);
  });

  it("is dead-lettered when the quantity changes within a period, and counts from the next", async () => {
    const userId = await fixture.signUp();
    const id = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    await fixture.control.switchPlan(id, "price_pro_monthly", { quantity: 2 });
    const billed = (await fixture.inbox("invoice.paid")).at(-1);
    expect(billed).toMatchObject({ status: "dead", userId });
    expect(await fixture.granted(userId)).toBe(1000);
    await renew();
    const months = await fixture.allotments(userId);
    expect(months.map(({ amount }) => amount)).toEqual([1000, 2000]);
  });
});

describe("a lifetime bought with quantity 2", () => {
  it("is dead-lettered, because a user can hold only one", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.openForeignSession({
      customer: await ensureCustomer(fixture.billing, userId),
      line_items: [{ price: "price_lifetime", quantity: 2 }],
    });
    await fixture.control.pay(sessionId);
    const completed = (await fixture.inbox("checkout.session.completed")).at(-1);
    expect(completed).toMatchObject({ objectId: sessionId, status: "dead" });
    expect(await fixture.granted(userId)).toBe(0);
  });
});
