import { millisecondsInHour } from "date-fns/constants";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { SecondSubscription } from "@/billing/errors";
import { replayEvent } from "@/billing/inbox/retry-events";
import { getMembership, listSubscriptions } from "@/billing/queries";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { now } from "@/lib/clock";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(async () => {
  fixture.forgetPrices();
  await fixture.expectBalanced();
});
afterAll(() => fixture.close());

const membership = (userId: string) => getMembership(fixture.db, { userId, at: now() });
const lastOf = async (type: string) => (await fixture.inbox(type)).at(-1);

async function replayDead(type: string): Promise<void> {
  for (const { id, status } of await fixture.inbox(type)) {
    if (status === "dead") await replayEvent(fixture.billing, id);
  }
}

const renew = () => fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });

async function subscribe(userId: string, item: "pro-monthly" | "pro-yearly") {
  return fixture.subscriptionOf(await fixture.buy(userId, item));
}

describe("a known subscription at a price that the catalogue lacks", () => {
  it("has its renewal dead-lettered with an alert and granted by a replay", async () => {
    const userId = await fixture.signUp();
    await subscribe(userId, "pro-monthly");
    fixture.forgetPrices("pro-monthly");
    await renew();
    const renewal = await lastOf("invoice.paid");
    expect(renewal).toMatchObject({ status: "dead", userId });
    expect(renewal?.outcome).toContain("price_pro_monthly");
    expect(await fixture.alerts(`stripe-event:${renewal?.id}`)).toHaveLength(1);
    expect(await fixture.granted(userId)).toBe(1000);
    expect(await listSubscriptions(fixture.db, { userId })).toMatchObject([{ status: "active" }]);
    fixture.forgetPrices();
    await replayDead("invoice.paid");
    expect(await fixture.allotments(userId)).toHaveLength(2);
  });

  it("has a failed renewal dead-lettered and its status mirrored", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-monthly");
    fixture.forgetPrices("pro-monthly");
    fixture.control.failNextPayment(id);
    await renew();
    expect(await lastOf("invoice.payment_failed")).toMatchObject({ status: "dead", userId });
    expect(await listSubscriptions(fixture.db, { userId })).toMatchObject([{ status: "past_due" }]);
    await fixture.control.cancelSubscription(id, "now");
  });

  it("has its cancellation mirrored", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-yearly");
    fixture.forgetPrices("pro-yearly");
    await fixture.control.cancelSubscription(id, "now");
    expect(await listSubscriptions(fixture.db, { userId })).toMatchObject([{ status: "canceled" }]);
    expect(await membership(userId)).toMatchObject({ plan: "free" });
    await renew();
    await distributeCredits(fixture.db, { now: now(), deadlineMs: Number.POSITIVE_INFINITY });
    expect(await fixture.allotments(userId)).toHaveLength(1);
  });

  it("blocks a second subscription", async () => {
    const userId = await fixture.signUp();
    await subscribe(userId, "pro-monthly");
    fixture.forgetPrices("pro-monthly");
    const second = fixture.openCheckout(userId, "pro-yearly");
    await expect(second).rejects.toBeInstanceOf(SecondSubscription);
  });

  it("ends its schedule when it was moved to a foreign price and then cancelled", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-yearly");
    await fixture.control.switchPlan(id, "price_foreign_monthly");
    expect(await lastOf("invoice.paid")).toMatchObject({ status: "dead", userId });
    expect(await fixture.payments(userId)).toHaveLength(1);
    await fixture.control.cancelSubscription(id, "now");
    expect(await membership(userId)).toMatchObject({ plan: "free" });
    await renew();
    await distributeCredits(fixture.db, { now: now(), deadlineMs: Number.POSITIVE_INFINITY });
    expect(await fixture.allotments(userId)).toHaveLength(1);
  });
});

describe("an open session at a price that was replaced since", () => {
  it.each(["pack-basic", "pro-monthly"] as const)(
    "is dead-lettered when it is paid and granted by a replay (%s)",
    async (item) => {
      const userId = await fixture.signUp();
      const sessionId = await fixture.openCheckout(userId, item);
      fixture.forgetPrices(item);
      await fixture.control.pay(sessionId);
      const paid = item === "pack-basic" ? "checkout.session.completed" : "invoice.paid";
      expect(await lastOf(paid)).toMatchObject({ status: "dead", userId });
      expect(await fixture.granted(userId)).toBe(0);
      fixture.forgetPrices();
      await replayDead(paid);
      expect(await fixture.granted(userId)).toBe(item === "pack-basic" ? 100 : 1000);
    },
  );
});

describe("another product's add-on in the same subscription", () => {
  it("changes no grant, no membership and no end", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-monthly");
    await fixture.control.addItem(id, "price_foreign_monthly");
    expect(await lastOf("invoice.paid")).toMatchObject({ status: "ignored" });
    expect(await fixture.granted(userId)).toBe(1000);
    await renew();
    expect(await fixture.allotments(userId)).toHaveLength(2);
    expect(await membership(userId)).toMatchObject({ plan: "pro-monthly", status: "active" });
    await fixture.control.cancelSubscription(id, "now");
    expect(await membership(userId)).toMatchObject({ plan: "free" });
  });
});
