import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { checkoutStatus } from "@/billing/checkout/checkout-status";
import { createCheckout } from "@/billing/checkout/create-checkout";
import { ensureCustomer } from "@/billing/checkout/customer";
import type { BillingDeps } from "@/billing/deps";
import { backfillEvents } from "@/billing/inbox/backfill-events";
import { HANDLED_EVENT_TYPES } from "@/billing/inbox/process-event";
import { handleStripeWebhook } from "@/billing/inbox/receive-event";
import { retryEvents } from "@/billing/inbox/retry-events";
import { runStripeCalls } from "@/billing/stripe/run-stripe-calls";
import { outbox } from "@/db/schema";
import { now } from "@/lib/clock";
import { BillingFixture, CONSENT } from "../billing-fixture";
import { KillableProcess } from "./crash-points";
import { type Events, type FinalState, readFinalState, runUndelivered } from "./final-state";
import { SCENARIOS } from "./scenarios";

let fixture: BillingFixture;
let killable: KillableProcess;
beforeAll(async () => {
  fixture = await BillingFixture.create();
  killable = await KillableProcess.create(fixture);
});
afterEach(async () => {
  fixture.isUp = true;
  await fixture.control.setDeliveryMode("normal");
  await fixture.expectBalanced();
});
afterAll(async () => {
  await killable.close();
  await fixture.close();
});

/** Repeats the work, killed one step later each time, until it survives. Returns the crashes. */
async function killAtEveryStep(
  work: (billing: BillingDeps) => Promise<unknown>,
  afterEachCrash: () => Promise<void> = async () => {},
): Promise<number> {
  for (let steps = 0; steps < 100; steps += 1) {
    if (await killable.run(steps, work)) return steps;
    await afterEachCrash();
  }
  throw new Error("the process never survived");
}

/**
 * Delivers an event to a process that is killed one step later each time. After each crash the state
 * must equal the one before or the one after the event. Returns the number of crashes.
 */
async function deliverWithCrashes(event: Events[number], userId: string): Promise<number> {
  const before = await readFinalState(fixture, userId);
  const afterCrashes: FinalState[] = [];
  let status = 0;
  const deliver = async (billing: BillingDeps) => {
    const { body, header } = fixture.control.signedPayload(event);
    const headers = { "stripe-signature": header };
    const request = new Request("http://localhost/", { method: "POST", body, headers });
    status = (await handleStripeWebhook(billing, request)).status;
  };
  const crashes = await killAtEveryStep(deliver, async () => {
    expect(status).toBe(500);
    afterCrashes.push(await readFinalState(fixture, userId));
  });
  expect(status).toBe(200);
  const after = await readFinalState(fixture, userId);
  for (const state of afterCrashes) expect([before, after]).toContainEqual(state);
  return crashes;
}

const killed = new Set<string>();

describe.each(SCENARIOS)("$name", (scenario) => {
  it("reaches the same final state when the process is killed between any two steps", async () => {
    const userId = await fixture.signUp();
    const { expected, events } = await runUndelivered(fixture, scenario, userId);
    for (const event of events) {
      expect(await deliverWithCrashes(event, userId), event.type).toBeGreaterThan(4);
      killed.add(event.type);
    }
    await fixture.deliverCalls();
    expect(await readFinalState(fixture, userId)).toEqual(expected);
  });
});

describe("the scenarios together", () => {
  it("cover every handled event type", () => {
    expect(HANDLED_EVENT_TYPES.filter((type) => !killed.has(type))).toEqual([]);
  });
});

describe("a process killed between any two steps", () => {
  it("creates one customer and one page when it opens a payment page", async () => {
    const userId = await fixture.signUp();
    const urls = new Set<string>();
    const open = async (billing: BillingDeps) => {
      const { url } = await createCheckout(billing, {
        userId,
        item: "pro-yearly",
        consent: CONSENT,
        now: now(),
      });
      urls.add(url);
    };
    expect(await killAtEveryStep(open)).toBeGreaterThan(8);
    await open(fixture.billing);
    expect(urls.size).toBe(1);
    const { stripe } = fixture.billing;
    const customers = await stripe.customers.list({ limit: 100 }).autoPagingToArray({ limit: 999 });
    const own = customers.filter(({ metadata }) => metadata.userId === userId);
    expect(own).toHaveLength(1);
    const pages = await stripe.checkout.sessions.list({ customer: own[0]?.id ?? "" });
    expect(pages.data).toHaveLength(1);
  });

  it("grants all or nothing, once, when the success page fulfils", async () => {
    const userId = await fixture.signUp();
    fixture.isUp = false;
    const sessionId = await fixture.buy(userId, "pack-basic");
    fixture.isUp = true;
    await fixture.control.advanceClock({ ms: 5_000 });
    const readStatus = (billing: BillingDeps) => checkoutStatus(billing, { userId, sessionId });
    await killAtEveryStep(readStatus, async () => {
      const [payments, booked] = [await fixture.payments(userId), await fixture.booked(userId)];
      expect(booked).toHaveLength(payments.length);
    });
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("loses no event when it backfills", async () => {
    const userId = await fixture.signUp();
    await backfillEvents(fixture.billing);
    await fixture.control.setDeliveryMode("drop");
    await fixture.buy(userId, "pack-basic");
    const steps = await killAtEveryStep((billing) => backfillEvents(billing));
    expect(steps).toBeGreaterThan(5);
    // An event stored by a killed process waits for the retry job.
    await fixture.control.advanceClock({ ms: 3 * 60_000 });
    await retryEvents(fixture.billing);
    expect(await fixture.granted(userId)).toBe(100);
  });
});

describe("a process killed while it runs Stripe calls", () => {
  /** Longer than the lease of one worker. */
  const advancePastLease = async () => {
    await fixture.control.advanceClock({ ms: 3 * 60_000 });
  };

  const statuses = async (userId: string) => {
    const rows = await fixture.db.select().from(outbox).where(eq(outbox.userId, userId));
    return rows.filter(({ kind }) => kind === "stripe").map(({ status }) => status);
  };

  it("cancels and refunds a second subscription once", async () => {
    const userId = await fixture.signUp();
    const customer = await ensureCustomer(fixture.billing, userId);
    const open = () =>
      fixture.openForeignSession({
        mode: "subscription",
        customer,
        line_items: [{ price: "price_pro_monthly", quantity: 1 }],
        metadata: { userId },
        subscription_data: { metadata: { userId } },
      });
    const [one, two] = [await open(), await open()];
    await fixture.control.pay(one);
    await fixture.control.advanceClock({ ms: 2_000 });
    await fixture.control.pay(two);
    const second = await fixture.subscriptionOf(two);
    const count = (type: Events[number]["type"]) => fixture.control.listEvents(type).length;
    const before = { ended: count("customer.subscription.deleted"), back: count("refund.created") };
    const steps = await killAtEveryStep((billing) => runStripeCalls(billing), advancePastLease);
    expect(steps).toBeGreaterThan(4);
    while ((await statuses(userId)).includes("pending")) {
      await advancePastLease();
      await runStripeCalls(fixture.billing);
    }
    expect(await statuses(userId)).toEqual(["done", "done"]);
    expect(count("customer.subscription.deleted") - before.ended).toBe(1);
    expect(count("refund.created") - before.back).toBe(1);
    expect((await fixture.billing.stripe.subscriptions.retrieve(second)).status).toBe("canceled");
    expect(await fixture.granted(userId)).toBe(1000);
  });

  it("ends a lifetime buyer's subscription once", async () => {
    const userId = await fixture.signUp();
    const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    await fixture.buy(userId, "lifetime");
    await killAtEveryStep((billing) => runStripeCalls(billing), advancePastLease);
    expect(await statuses(userId)).toEqual(["done"]);
    const state = await fixture.billing.stripe.subscriptions.retrieve(subscriptionId);
    expect(state.cancel_at ?? state.cancel_at_period_end).toBeTruthy();
    expect(state.status).toBe("active");
  });
});
