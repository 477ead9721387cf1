import { addDays } from "date-fns";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { checkoutStatus } from "@/billing/checkout/checkout-status";
import { now } from "@/lib/clock";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(() => fixture.expectBalanced());
afterAll(() => fixture.close());

describe("checkoutStatus", () => {
  it("names the purchase, its amount, its receipt and its first expiry", async () => {
    const userId = await fixture.signUp();
    const before = now();
    const sessionId = await fixture.buy(userId, "pack-standard");
    const status = await checkoutStatus(fixture.billing, { userId, sessionId });
    expect(status).toMatchObject({
      status: "granted",
      credits: 200,
      available: 320,
      purchase: { item: "pack-standard", quantity: 1, amountCents: 1490, currency: "usd" },
    });
    expect(status.purchase?.receiptUrl).toContain("/receipt/");
    expect(status.expiresAt?.getTime()).toBeGreaterThanOrEqual(addDays(before, 365).getTime());
  });

  it("names nothing before the money arrives", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.buy(userId, "pack-basic", "later");
    const status = await checkoutStatus(fixture.billing, { userId, sessionId });
    expect(status).toMatchObject({ status: "waiting", purchase: null, expiresAt: null });
  });
});
