import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { getMembership } from "@/billing/queries";
import { now } from "@/lib/clock";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(() => fixture.expectBalanced());
afterAll(() => fixture.close());

const membership = (userId: string) => getMembership(fixture.db, { userId, at: now() });

async function buyLifetime() {
  const userId = await fixture.signUp();
  await fixture.buy(userId, "lifetime");
  const [paid] = await fixture.payments(userId);
  return { userId, intent: paid?.paymentIntentId ?? "" };
}

const amounts = async (userId: string) =>
  (await fixture.booked(userId)).map(({ type, amount }) => [type, amount]);

describe("an inquiry", () => {
  it("changes nothing while it is open and when it closes", async () => {
    const { userId, intent } = await buyLifetime();
    const before = await membership(userId);
    const inquiry = await fixture.control.inquire(intent);
    expect(await fixture.granted(userId)).toBe(1000);
    await fixture.control.closeInquiry(inquiry.id);
    expect(await amounts(userId)).toEqual([["LIFETIME_MONTHLY", 1000]]);
    expect(await membership(userId)).toEqual(before);
    expect((await fixture.payments(userId))[0]).toMatchObject({ disputedCents: 0 });
  });

  it("revokes the credits when it escalates and ends the membership when it is lost", async () => {
    const { userId, intent } = await buyLifetime();
    const inquiry = await fixture.control.inquire(intent);
    await fixture.control.escalateInquiry(inquiry.id);
    expect(await fixture.granted(userId)).toBe(0);
    expect(await membership(userId)).toMatchObject({ plan: "lifetime" });
    await fixture.control.loseDispute(inquiry.id);
    expect((await amounts(userId)).slice(1)).toEqual([["REVOKE", -1000]]);
    expect(await membership(userId)).toMatchObject({ plan: "free" });
  });
});

describe("a pending refund", () => {
  it("counts while it is pending or requires action, and is undone when it is canceled", async () => {
    const { userId, intent } = await buyLifetime();
    const before = await membership(userId);
    const refund = await fixture.control.refund(intent, undefined, "pending");
    expect(await fixture.granted(userId)).toBe(0);
    await fixture.control.movePendingRefund(refund.id, "requires_action");
    expect(await fixture.granted(userId)).toBe(0);
    expect(await membership(userId)).toMatchObject({ plan: "free" });
    await fixture.control.movePendingRefund(refund.id, "canceled");
    expect((await amounts(userId)).slice(1)).toEqual([
      ["REVOKE", -1000],
      ["RESTORE", 1000],
    ]);
    expect(await membership(userId)).toEqual(before);
    expect((await fixture.payments(userId))[0]).toMatchObject({ refundedCents: 0 });
  });
});
