import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ensureCustomer } from "@/billing/checkout/customer";
import { runStripeCalls } from "@/billing/stripe/run-stripe-calls";
import { enqueueStripeCall, type StripeCall } from "@/billing/stripe/stripe-calls";
import { now } from "@/lib/clock";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(() => fixture.expectBalanced());
afterAll(() => fixture.close());

const advanceToNextAttempt = () => fixture.control.advanceClock({ ms: 2 * 60_000 });

async function enqueue(key: string, userId: string, call: StripeCall): Promise<void> {
  await fixture.db.transaction((tx) => enqueueStripeCall(tx, { key, userId, call, now: now() }));
}

describe("an error that Stripe replays", () => {
  it.each(["before", "after"] as const)(
    "does not prevent the next attempt from refunding once (error %s the refund)",
    async (when) => {
      const userId = await fixture.signUp();
      await fixture.buy(userId, "pro-monthly");
      const [paid] = await fixture.payments(userId);
      const invoiceId = paid?.id.replace("invoice:", "") ?? "";
      const call = { do: "refund-invoice", invoiceId, reason: "duplicate" } as const;
      const keys = [`refund:${when}`];
      await enqueue(`refund:${when}`, userId, call);
      const before = fixture.control.listEvents("refund.created").length;
      fixture.control.failNextCall({ method: "POST", path: "/v1/credit_notes", when });
      expect(await runStripeCalls(fixture.billing, { keys })).toEqual({ done: 0, failed: 1 });
      await advanceToNextAttempt();
      expect(await runStripeCalls(fixture.billing, { keys })).toEqual({ done: 1, failed: 0 });
      await fixture.control.settled();
      expect(fixture.control.listEvents("refund.created").length - before).toBe(1);
      expect((await fixture.payments(userId))[0]?.refundedCents).toBe(990);
      await fixture.deliverCalls();
    },
  );

  it.each(["before", "after"] as const)(
    "does not prevent the next attempt from setting the end (error %s the update)",
    async (when) => {
      const userId = await fixture.signUp();
      const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
      await fixture.buy(userId, "lifetime");
      const path = `/v1/subscriptions/${subscriptionId}`;
      fixture.control.failNextCall({ method: "POST", path, when });
      expect(await runStripeCalls(fixture.billing)).toEqual({ done: 0, failed: 1 });
      await advanceToNextAttempt();
      expect(await runStripeCalls(fixture.billing)).toEqual({ done: 1, failed: 0 });
      const state = await fixture.billing.stripe.subscriptions.retrieve(subscriptionId);
      expect(state.cancel_at ?? state.cancel_at_period_end).toBeTruthy();
      await fixture.control.settled();
    },
  );

  it.each(["/v1/customers", "/v1/checkout/sessions"])(
    "does not prevent the second attempt from opening a page (%s)",
    async (path) => {
      const userId = await fixture.signUp();
      fixture.control.failNextCall({ method: "POST", path, when: "before" });
      const open = () => fixture.openCheckout(userId, "pack-basic");
      await expect(open()).rejects.toMatchObject({ code: "service_unavailable", status: 503 });
      const sessionId = await open();
      expect(await open()).toBe(sessionId);
      await fixture.control.pay(sessionId);
      expect(await fixture.granted(userId)).toBe(100);
    },
  );

  it("leaves the user with one customer when Stripe created it despite the error", async () => {
    const userId = await fixture.signUp();
    fixture.control.failNextCall({ method: "POST", path: "/v1/customers", when: "after" });
    await expect(ensureCustomer(fixture.billing, userId)).rejects.toMatchObject({ status: 503 });
    const made = await Promise.all([1, 2, 3].map(() => ensureCustomer(fixture.billing, userId)));
    expect(new Set(made).size).toBe(1);
  });
});
