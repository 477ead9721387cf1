import { millisecondsInHour } from "date-fns/constants";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { getMembership } from "@/billing/queries";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { now } from "@/lib/clock";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(async () => {
  await fixture.control.setDeliveryMode("normal");
  await fixture.deliverCalls();
  await fixture.expectBalanced();
});
afterAll(() => fixture.close());

const membership = (userId: string) => getMembership(fixture.db, { userId, at: now() });
const stateOf = (id: string) => fixture.billing.stripe.subscriptions.retrieve(id);
const TWO_HOURS_MS = 2 * millisecondsInHour;

const distribute = () =>
  distributeCredits(fixture.db, { now: now(), deadlineMs: Number.POSITIVE_INFINITY });

type Plan = "pro-monthly" | "pro-yearly";

async function subscribe(userId: string, item: Plan) {
  const id = await fixture.subscriptionOf(await fixture.buy(userId, item));
  return { id, intent: await latestIntent(userId) };
}

async function latestIntent(userId: string): Promise<string> {
  return (await fixture.payments(userId)).at(-1)?.paymentIntentId ?? "";
}

/** Repeats the latest event about the subscription's end. */
async function repeatEnd(): Promise<void> {
  const event = fixture.latest("customer.subscription.deleted");
  await fixture.deliver({ ...event, id: `${event.id}_again` });
}

describe("a whole reversal of the running period's payment", () => {
  it.each(["pro-monthly", "pro-yearly"] as const)(
    "cancels a %s at once without proration, and the plan can be bought again",
    async (item) => {
      const userId = await fixture.signUp();
      const { id, intent } = await subscribe(userId, item);
      await fixture.control.advanceClock({ days: 3 });
      await fixture.control.refund(intent);
      expect(await fixture.deliverCalls()).toEqual({ done: 1, failed: 0 });
      expect(await stateOf(id)).toMatchObject({ status: "canceled" });
      const { data } = await fixture.billing.stripe.invoices.list({ subscription: id });
      expect(data).toHaveLength(1);
      expect(await membership(userId)).toMatchObject({ plan: "free", status: "none" });
      await fixture.buy(userId, item);
      expect(await membership(userId)).toMatchObject({ plan: item, status: "active" });
      expect(await fixture.available(userId)).toBe(1120);
    },
  );

  it("blocks no new purchase while our cancellation is still pending", async () => {
    const userId = await fixture.signUp();
    const { id, intent } = await subscribe(userId, "pro-yearly");
    await fixture.control.refund(intent);
    expect(await stateOf(id)).toMatchObject({ status: "active" });
    const unpaid = { plan: "pro-yearly", reason: "reversal" };
    expect(await membership(userId)).toMatchObject({ plan: "free", status: "active", unpaid });
    await fixture.buy(userId, "pro-monthly");
    expect(await stateOf(id)).toMatchObject({ status: "canceled" });
    expect(await membership(userId)).toMatchObject({ plan: "pro-monthly", status: "active" });
  });

  it("cancels after a lost dispute of 95%, but not after a smaller one", async () => {
    for (const [cents, status] of [
      [9405, "canceled"],
      [9404, "active"],
    ] as const) {
      const userId = await fixture.signUp();
      const { id, intent } = await subscribe(userId, "pro-yearly");
      const dispute = await fixture.control.dispute(intent, cents);
      await fixture.control.loseDispute(dispute.id);
      await fixture.deliverCalls();
      expect(await stateOf(id)).toMatchObject({ status });
    }
  });

  it("voids the renewal's open invoice", async () => {
    const userId = await fixture.signUp();
    const { id, intent } = await subscribe(userId, "pro-monthly");
    fixture.control.failNextPayment(id);
    await fixture.control.advanceClock({ months: 1, ms: TWO_HOURS_MS });
    await fixture.control.refund(intent);
    await fixture.deliverCalls();
    const { data } = await fixture.billing.stripe.invoices.list({ subscription: id });
    expect(data.map(({ status }) => status)).toEqual(["void", "paid"]);
    expect(await stateOf(id)).toMatchObject({ status: "canceled" });
  });

  it("keeps the subscription when it is undone before the cancellation runs", async () => {
    const userId = await fixture.signUp();
    const { id, intent } = await subscribe(userId, "pro-yearly");
    const refund = await fixture.control.refund(intent);
    await fixture.control.failRefund(refund.id);
    expect(await fixture.deliverCalls()).toEqual({ done: 1, failed: 0 });
    expect(await stateOf(id)).toMatchObject({ status: "active", cancel_at_period_end: false });
  });

  it("restores the credits and the paid time when the refund fails after our cancellation", async () => {
    const userId = await fixture.signUp();
    const { intent } = await subscribe(userId, "pro-yearly");
    const { until } = await membership(userId);
    const refund = await fixture.control.refund(intent);
    await fixture.deliverCalls();
    await fixture.control.advanceClock({ days: 40 });
    await distribute();
    expect(await fixture.granted(userId)).toBe(0);
    await fixture.control.failRefund(refund.id);
    expect(await membership(userId)).toMatchObject({
      plan: "pro-yearly",
      status: "canceled",
      until,
      renewsAt: null,
    });
    await repeatEnd();
    await distribute();
    expect(await membership(userId)).toMatchObject({ plan: "pro-yearly", until });
    expect(await fixture.allotments(userId)).toHaveLength(2);
    await fixture.control.advanceClock({ years: 1 });
    await distribute();
    expect(await fixture.allotments(userId)).toHaveLength(12);
    expect(await membership(userId)).toMatchObject({ plan: "free" });
  });

  it("restores the paid time even when the end's event arrives after the refund failed", async () => {
    const userId = await fixture.signUp();
    const { intent } = await subscribe(userId, "pro-monthly");
    const { until } = await membership(userId);
    const refund = await fixture.control.refund(intent);
    await fixture.control.setDeliveryMode("drop");
    await fixture.deliverCalls();
    await fixture.control.setDeliveryMode("normal");
    await fixture.control.failRefund(refund.id);
    await repeatEnd();
    expect(await membership(userId)).toMatchObject({ plan: "pro-monthly", until });
    expect(await fixture.available(userId)).toBe(1120);
  });
});

describe("a whole reversal of an earlier period's payment", () => {
  it("keeps the subscription whose running period is paid", async () => {
    const userId = await fixture.signUp();
    const { id, intent } = await subscribe(userId, "pro-monthly");
    await fixture.control.advanceClock({ months: 1, ms: TWO_HOURS_MS });
    const { until } = await membership(userId);
    await fixture.control.refund(intent);
    await fixture.deliverCalls();
    expect(await stateOf(id)).toMatchObject({ status: "active" });
    expect(await membership(userId)).toMatchObject({ plan: "pro-monthly", until });
  });

  it("keeps the subscription even before the renewal's event has arrived", async () => {
    const userId = await fixture.signUp();
    const { id, intent } = await subscribe(userId, "pro-monthly");
    await fixture.control.setDeliveryMode("drop");
    await fixture.control.advanceClock({ months: 1, ms: TWO_HOURS_MS });
    await fixture.control.setDeliveryMode("normal");
    await fixture.control.refund(intent);
    await fixture.deliverCalls();
    expect(await stateOf(id)).toMatchObject({ status: "active" });
  });
});

describe("an open dispute", () => {
  it("stops the renewal, which resumes when the dispute is won", async () => {
    const userId = await fixture.signUp();
    const { id, intent } = await subscribe(userId, "pro-yearly");
    const dispute = await fixture.control.dispute(intent);
    expect(await fixture.deliverCalls()).toEqual({ done: 1, failed: 0 });
    expect(await stateOf(id)).toMatchObject({ status: "active", cancel_at_period_end: true });
    await fixture.control.winDispute(dispute.id);
    expect(await fixture.deliverCalls()).toEqual({ done: 1, failed: 0 });
    expect(await stateOf(id)).toMatchObject({ cancel_at_period_end: false, cancel_at: null });
    expect((await membership(userId)).renewsAt).not.toBeNull();
  });

  it("keeps an end that the user has set, even when the dispute is won", async () => {
    const userId = await fixture.signUp();
    const { id, intent } = await subscribe(userId, "pro-monthly");
    await fixture.control.cancelSubscription(id, "period end");
    const dispute = await fixture.control.dispute(intent);
    await fixture.deliverCalls();
    await fixture.control.winDispute(dispute.id);
    await fixture.deliverCalls();
    expect((await stateOf(id)).cancel_at).not.toBeNull();
  });

  it("keeps an end that the user has set after resuming the renewal", async () => {
    const userId = await fixture.signUp();
    const { id, intent } = await subscribe(userId, "pro-monthly");
    const dispute = await fixture.control.dispute(intent);
    await fixture.deliverCalls();
    await fixture.control.resumeSubscription(id);
    await fixture.control.cancelSubscription(id, "period end");
    await fixture.control.winDispute(dispute.id);
    await fixture.deliverCalls();
    expect((await stateOf(id)).cancel_at).not.toBeNull();
  });

  it("resumes the renewal only once no dispute of the subscription is open", async () => {
    const userId = await fixture.signUp();
    const { id, intent: first } = await subscribe(userId, "pro-monthly");
    await fixture.control.advanceClock({ months: 1, ms: TWO_HOURS_MS });
    const disputes = [
      await fixture.control.dispute(first),
      await fixture.control.dispute(await latestIntent(userId)),
    ];
    await fixture.deliverCalls();
    const [one, two] = disputes;
    await fixture.control.winDispute(one?.id ?? "");
    await fixture.deliverCalls();
    expect(await stateOf(id)).toMatchObject({ cancel_at_period_end: true });
    await fixture.control.winDispute(two?.id ?? "");
    await fixture.deliverCalls();
    expect(await stateOf(id)).toMatchObject({ cancel_at_period_end: false });
  });

  it("changes nothing when it was won before the renewal was stopped", async () => {
    const userId = await fixture.signUp();
    const { id, intent } = await subscribe(userId, "pro-monthly");
    const dispute = await fixture.control.dispute(intent);
    await fixture.control.winDispute(dispute.id);
    expect(await fixture.deliverCalls()).toEqual({ done: 2, failed: 0 });
    expect(await stateOf(id)).toMatchObject({ cancel_at_period_end: false });
  });
});
