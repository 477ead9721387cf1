import { millisecondsInHour } from "date-fns/constants";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runStripeCalls } from "@/billing/stripe/run-stripe-calls";
import { enqueueStripeCall } from "@/billing/stripe/stripe-calls";
import { outbox } from "@/db/schema";
import { createStripe } from "@/integrations/create-stripe";
import { now } from "@/lib/clock";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterAll(() => fixture.close());

async function enqueue(key: string, userId: string, subscriptionId: string): Promise<void> {
  await fixture.db.transaction((tx) =>
    enqueueStripeCall(tx, {
      key,
      userId,
      call: { do: "cancel-now", subscriptionId },
      now: now(),
    }),
  );
}

const row = async (key: string) =>
  (await fixture.db.select().from(outbox).where(eq(outbox.idempotencyKey, key)))[0];

const unreachable = () => ({
  ...fixture.billing,
  stripe: createStripe({
    secretKey: "sk_test_x",
    apiBase: "http://127.0.0.1:9",
    maxNetworkRetries: 0,
  }),
});

describe("runStripeCalls", () => {
  it("runs a call once when it is enqueued twice and ten workers run", async () => {
    const userId = await fixture.signUp();
    const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    await enqueue("call:once", userId, subscriptionId);
    await enqueue("call:once", userId, subscriptionId);
    const workers = Array.from({ length: 10 }, () => runStripeCalls(fixture.billing));
    const made = await Promise.all(workers);
    expect(made.reduce((sum, { done }) => sum + done, 0)).toBe(1);
    const ended = await fixture.billing.stripe.subscriptions.retrieve(subscriptionId);
    expect(ended.status).toBe("canceled");
  });

  it("counts a call as done when its effect already exists", async () => {
    const userId = await fixture.signUp();
    const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    await fixture.control.cancelSubscription(subscriptionId, "now");
    await enqueue("call:so-already", userId, subscriptionId);
    expect(await runStripeCalls(fixture.billing)).toEqual({ done: 1, failed: 0 });
  });

  it("retries a failed call after the outage", async () => {
    const userId = await fixture.signUp();
    const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    await enqueue("call:later", userId, subscriptionId);
    expect(await runStripeCalls(unreachable())).toEqual({ done: 0, failed: 1 });
    expect(await row("call:later")).toMatchObject({ status: "pending", attempts: 1 });
    expect(await runStripeCalls(fixture.billing)).toEqual({ done: 0, failed: 0 });
    await fixture.control.advanceClock({ ms: 2 * 60_000 });
    expect(await runStripeCalls(fixture.billing)).toEqual({ done: 1, failed: 0 });
    expect(await row("call:later")).toMatchObject({ status: "done", attempts: 2 });
  });

  it("dead-letters a call with one alert after 8 attempts over a day", async () => {
    const userId = await fixture.signUp();
    await enqueue("call:dead", userId, "sub_whatever");
    let attempts = 0;
    while ((await row("call:dead"))?.status === "pending" && attempts < 20) {
      await runStripeCalls(unreachable());
      attempts += 1;
      await fixture.control.advanceClock({ ms: 12 * millisecondsInHour });
    }
    const dead = await row("call:dead");
    expect(dead).toMatchObject({ status: "dead", attempts: 8 });
    expect(await fixture.alerts("stripe-call:")).toEqual([
      expect.stringMatching(new RegExp(`^stripe-call:${dead?.id}:\\d{4}-\\d\\d-\\d\\d$`)),
    ]);
  });
});
