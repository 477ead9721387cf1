import { millisecondsInHour } from "date-fns/constants";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ensureCustomer } from "@/billing/checkout/customer";
import { catalogPrice } from "@/db/schema";
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

/** A price that an earlier catalogue sold: 600 credits a month. Its lookup key has moved on. */
async function formerPrice(interval: "month" | "year"): Promise<string> {
  const { id } = await fixture.billing.stripe.prices.create({
    product: "qiflow_pro",
    currency: "usd",
    unit_amount: 790,
    recurring: { interval },
  });
  await fixture.db.insert(catalogPrice).values({
    priceId: id,
    currency: "usd",
    amount: 790,
    item: interval === "month" ? "pro-monthly" : "pro-yearly",
    version: 1,
    kind: "subscription",
    owner: "pro",
    tier: 1,
    interval,
    credits: 600,
    createdAt: now(),
  });
  return id;
}

describe("a subscription at a former price", () => {
  it.each(["month", "year"] as const)(
    "gets what the price was sold with in every period (%s)",
    async (interval) => {
      const userId = await fixture.signUp();
      const sessionId = await fixture.openForeignSession({
        mode: "subscription",
        customer: await ensureCustomer(fixture.billing, userId),
        line_items: [{ price: await formerPrice(interval), quantity: 1 }],
      });
      await fixture.control.pay(sessionId);
      await renew();
      await distributeCredits(fixture.db, { now: now(), deadlineMs: Number.POSITIVE_INFINITY });
      const months = await fixture.allotments(userId);
      expect(months.map(({ amount }) => amount)).toEqual([600, 600]);
    },
  );

  it("gets today's terms once it is switched to today's price", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.openForeignSession({
      mode: "subscription",
      customer: await ensureCustomer(fixture.billing, userId),
      line_items: [{ price: await formerPrice("month"), quantity: 1 }],
    });
    await fixture.control.pay(sessionId);
    const id = await fixture.subscriptionOf(sessionId);
    await fixture.control.switchPlan(id, "price_pro_monthly");
    await renew();
    const months = await fixture.allotments(userId);
    expect(months.map(({ amount }) => amount)).toEqual([600, 1000]);
  });
});
