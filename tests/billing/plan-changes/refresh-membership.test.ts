import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { refreshMembership } from "@/billing/plan-changes/refresh-membership";
import { getMembership } from "@/billing/queries";
import { now } from "@/lib/clock";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(async () => {
  await fixture.control.setDeliveryMode("normal");
  await fixture.expectBalanced();
});
afterAll(() => fixture.close());

describe("refreshMembership", () => {
  it("shows a cancellation before its event arrives, and the event changes nothing", async () => {
    const userId = await fixture.signUp();
    const id = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    const before = await getMembership(fixture.db, { userId, at: now() });
    await fixture.control.setDeliveryMode("delay");
    await fixture.control.cancelSubscription(id, "period end");
    expect(await getMembership(fixture.db, { userId, at: now() })).toEqual(before);

    const refreshed = await refreshMembership(fixture.billing, { userId });
    expect(refreshed).toMatchObject({ renewsAt: null, cancelAt: before.until });
    await fixture.control.setDeliveryMode("normal");
    await fixture.control.settled();
    expect(await getMembership(fixture.db, { userId, at: now() })).toEqual(refreshed);
  });

  it("ends a membership that was cancelled immediately before its event arrives", async () => {
    const userId = await fixture.signUp();
    const id = await fixture.subscriptionOf(await fixture.buy(userId, "pro-yearly"));
    await fixture.control.setDeliveryMode("delay");
    await fixture.control.cancelSubscription(id, "now");
    const refreshed = await refreshMembership(fixture.billing, { userId });
    expect(refreshed).toMatchObject({ plan: "free", status: "none" });
    await fixture.control.setDeliveryMode("normal");
    await fixture.control.settled();
    expect(await getMembership(fixture.db, { userId, at: now() })).toEqual(refreshed);
  });

  it("returns the stored membership when Stripe fails", async () => {
    const userId = await fixture.signUp();
    const id = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    const before = await getMembership(fixture.db, { userId, at: now() });
    await fixture.control.setDeliveryMode("delay");
    await fixture.control.cancelSubscription(id, "period end");
    const path = `/v1/subscriptions/${id}`;
    fixture.control.failNextCall({ method: "GET", path, when: "before" });
    expect(await refreshMembership(fixture.billing, { userId })).toEqual(before);
    expect(await refreshMembership(fixture.billing, { userId })).not.toEqual(before);
  });
});
