import { millisecondsInHour } from "date-fns/constants";
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { applyEffect, handled } from "@/billing/effect";
import { getMembership } from "@/billing/queries";
import { applyReversals } from "@/billing/reversals/apply-reversals";
import { loadReversals } from "@/billing/reversals/load-reversals";
import { user } from "@/db/schema";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { endAllSchedules } from "@/ledger/schedules";
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

const membership = (userId: string) => getMembership(fixture.db, { userId, at: now() });
const TWO_HOURS_MS = 2 * millisecondsInHour;

async function paid(userId: string) {
  const payment = (await fixture.payments(userId)).at(-1);
  if (!payment?.paymentIntentId) throw new Error("nothing was charged");
  return { ...payment, paymentIntentId: payment.paymentIntentId };
}

async function schedules(userId: string) {
  return fixture.database.ownerSql<{ ends_at: Date | null; due: boolean; ended: Date | null }[]>`
    select ends_at, next_due_at is not null as due, ended_at as ended from credit_schedule
    where user_id = ${userId} and kind <> 'free' order by anchor_at`;
}

const distribute = () =>
  distributeCredits(fixture.db, { now: now(), deadlineMs: Number.POSITIVE_INFINITY });

const monthsGranted = async (userId: string) =>
  (await fixture.booked(userId)).filter(({ key }) => key.startsWith("schedule:")).length;

describe("a failed full refund", () => {
  it.each(["lifetime", "pro-yearly"] as const)(
    "resumes the months of a %s, including the missed ones",
    async (item) => {
      const userId = await fixture.signUp();
      await fixture.buy(userId, item);
      const before = await schedules(userId);
      const { until } = await membership(userId);
      const refund = await fixture.control.refund((await paid(userId)).paymentIntentId);
      await fixture.control.advanceClock({ months: 2, days: 1 });
      await distribute();
      expect(await monthsGranted(userId)).toBe(0);
      await fixture.control.failRefund(refund.id);
      expect(await schedules(userId)).toEqual(before);
      expect(await membership(userId)).toMatchObject({ plan: item, until });
      await distribute();
      await distribute();
      expect(await monthsGranted(userId)).toBe(2);
    },
  );

  it("restores nothing after the subscription's end", async () => {
    const userId = await fixture.signUp();
    const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-yearly"));
    const refund = await fixture.control.refund((await paid(userId)).paymentIntentId);
    await fixture.control.advanceClock({ days: 40 });
    await fixture.control.cancelSubscription(subscriptionId, "now");
    const cancelledAt = (await fixture.billing.stripe.subscriptions.retrieve(subscriptionId))
      .ended_at;
    await fixture.control.advanceClock({ days: 40 });
    await fixture.control.failRefund(refund.id);
    expect(await membership(userId)).toMatchObject({ plan: "free" });
    const [ended] = await schedules(userId);
    expect(ended?.ended).toEqual(new Date((cancelledAt ?? 0) * 1000));
    await distribute();
    expect(await monthsGranted(userId)).toBe(1);
  });

  it("restores nothing that a switch of plans has replaced", async () => {
    const userId = await fixture.signUp();
    const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-yearly"));
    const { paymentIntentId } = await paid(userId);
    await fixture.control.advanceClock({ days: 40 });
    await fixture.control.switchPlan(subscriptionId, "price_pro_monthly");
    const before = await schedules(userId);
    const refund = await fixture.control.refund(paymentIntentId);
    await fixture.control.failRefund(refund.id);
    expect(await schedules(userId)).toEqual(before);
    expect(await membership(userId)).toMatchObject({ plan: "pro-monthly" });
  });

  it("restores nothing to a deleted account", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "lifetime");
    const refund = await fixture.control.refund((await paid(userId)).paymentIntentId);
    const deletedAt = now();
    await fixture.db.update(user).set({ deletedAt }).where(eq(user.id, userId));
    await fixture.db.transaction((tx) => endAllSchedules(tx, { userId, endsAt: deletedAt }));
    await fixture.control.failRefund(refund.id);
    expect(await schedules(userId)).toMatchObject([{ due: false, ends_at: deletedAt }]);
    await fixture.control.advanceClock({ months: 2 });
    await distribute();
    expect(await monthsGranted(userId)).toBe(0);
  });

  it("keeps the months suspended while a dispute is open", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "lifetime");
    const { paymentIntentId } = await paid(userId);
    const refund = await fixture.control.refund(paymentIntentId);
    await fixture.control.setDeliveryMode("drop");
    await fixture.control.failRefund(refund.id);
    const dispute = await fixture.control.dispute(paymentIntentId);
    await fixture.control.setDeliveryMode("normal");
    for (const event of fixture.control.listEvents("refund.failed").slice(-1)) {
      await fixture.deliver(event);
    }
    expect(await schedules(userId)).toMatchObject([{ due: false, ended: null }]);
    await fixture.control.winDispute(dispute.id);
    expect(await schedules(userId)).toMatchObject([{ due: true, ended: null }]);
    expect(await fixture.available(userId)).toBe(1120);
  });

  it("ignores reversals that were fetched before it failed", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "lifetime");
    const { id: paymentId, paymentIntentId, memberUntilAt } = await paid(userId);
    const refund = await fixture.control.refund(paymentIntentId);
    const stale = await loadReversals(fixture.billing, {
      invoiceId: null,
      paymentIntent: paymentIntentId,
    });
    await fixture.control.advanceClock({ ms: 1_000 });
    await fixture.control.failRefund(refund.id);
    await applyEffect(fixture.billing, async (tx) => {
      const late = { paymentId, loaded: stale, paidUntil: memberUntilAt, now: now() };
      const { userId: owner, credits } = await applyReversals(tx, fixture.billing, late);
      return handled("late", owner, credits);
    });
    expect(await schedules(userId)).toMatchObject([{ due: true, ended: null }]);
    expect(await paid(userId)).toMatchObject({ refundedCents: 0, memberUntilAt });
  });
});

describe("a whole refund that fails after a replacement was bought", () => {
  /** Buys two items one after the other. The first one is refunded in full in between. */
  async function replace(userId: string, items: readonly [string, string]) {
    await fixture.buy(userId, items[0]);
    const first = await paid(userId);
    const refund = await fixture.control.refund(first.paymentIntentId);
    await fixture.deliverCalls();
    await fixture.control.advanceClock({ days: 2 });
    const sessionId = await fixture.buy(userId, items[1]);
    return { first, refund, sessionId };
  }

  const firstOf = async (userId: string) => (await fixture.payments(userId))[0];

  it.each([
    ["lifetime", "lifetime"],
    ["pro-yearly", "pro-monthly"],
    ["pro-monthly", "pro-yearly"],
    ["lifetime", "pro-yearly"],
    ["pro-monthly", "lifetime"],
  ] as const)("owes the first %s and grants the second %s alone", async (first, second) => {
    const userId = await fixture.signUp();
    const replaced = await replace(userId, [first, second]);
    const before = { schedules: await schedules(userId), available: 1120 };
    await fixture.control.failRefund(replaced.refund.id);
    expect(await schedules(userId)).toEqual(before.schedules);
    expect(await fixture.available(userId)).toBe(before.available);
    expect(await membership(userId)).toMatchObject({ plan: second });
    const { amountCents } = replaced.first;
    expect(await firstOf(userId)).toMatchObject({
      refusal: "replaced",
      owedCents: amountCents,
      refundedCents: 0,
    });
    const key = `refund:${replaced.refund.id}`;
    expect(await fixture.alerts("money-owed:")).toContain(`money-owed:${key}`);
    expect(await fixture.emails(userId)).toContain(`email:refund-failed:${key}`);

    await fixture.control.advanceClock({ ms: 2_000 });
    await fixture.control.refund(replaced.first.paymentIntentId);
    expect(await firstOf(userId)).toMatchObject({ owedCents: 0, refundedCents: amountCents });
    expect(await schedules(userId)).toEqual(before.schedules);
    expect(await fixture.available(userId)).toBe(before.available);
  });

  it.each([
    ["pro-yearly", "pro-monthly"],
    ["lifetime", "pro-yearly"],
    ["pro-monthly", "lifetime"],
  ] as const)(
    "owes the first %s when the events of the second %s arrive after the failure",
    async (first, second) => {
      const userId = await fixture.signUp();
      await fixture.buy(userId, first);
      const { paymentIntentId } = await paid(userId);
      const refund = await fixture.control.refund(paymentIntentId);
      await fixture.deliverCalls();
      await fixture.control.setDeliveryMode("drop");
      await fixture.control.advanceClock({ days: 2 });
      await fixture.buy(userId, second);
      await fixture.control.setDeliveryMode("normal");
      await fixture.control.failRefund(refund.id);
      for (const event of fixture.control.listEvents()) await fixture.deliver(event);
      expect(await fixture.deliverCalls()).toMatchObject({ failed: 0 });
      const [one, two] = await fixture.payments(userId);
      expect(one).toMatchObject({ refusal: "replaced", owedCents: one?.amountCents });
      expect(two).toMatchObject({ item: second, refusal: null, refundedCents: 0 });
      expect(await membership(userId)).toMatchObject({ plan: second });
      expect(await fixture.available(userId)).toBe(1120);
    },
  );

  it("owes a lifetime that a year paid after its subscription's end has replaced", async () => {
    const userId = await fixture.signUp();
    const yearId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-yearly", "later"));
    const [invoice] = (await fixture.billing.stripe.invoices.list({ subscription: yearId })).data;
    await fixture.buy(userId, "lifetime");
    const lifetime = await paid(userId);
    await fixture.deliverCalls();
    const refund = await fixture.control.refund(lifetime.paymentIntentId);
    await fixture.control.advanceClock({ days: 1 });
    await fixture.control.payInvoice(invoice?.id ?? "");
    expect(await membership(userId)).toMatchObject({ plan: "pro-yearly" });
    await fixture.control.failRefund(refund.id);
    await fixture.deliverCalls();
    expect(await membership(userId)).toMatchObject({ plan: "pro-yearly" });
    expect(await fixture.payments(userId)).toMatchObject([
      { item: "lifetime", refusal: "replaced", owedCents: 19900 },
      { item: "pro-yearly", refusal: null, refundedCents: 0 },
    ]);
    const key = `money-owed:refund:${refund.id}`;
    expect(await fixture.alerts("money-owed:")).toContain(key);
    expect(await fixture.available(userId)).toBe(1120);
  });

  it("owes the first month beside a second one that is back until its period's end", async () => {
    const userId = await fixture.signUp();
    const { refund } = await replace(userId, ["pro-monthly", "pro-monthly"]);
    const second = await fixture.control.refund((await paid(userId)).paymentIntentId);
    await fixture.deliverCalls();
    await fixture.control.failRefund(second.id);
    expect(await fixture.available(userId)).toBe(1120);
    await fixture.control.failRefund(refund.id);
    expect(await firstOf(userId)).toMatchObject({ refusal: "replaced", owedCents: 990 });
    expect(await fixture.available(userId)).toBe(1120);
  });

  it("ends an older subscription that became known while the lifetime was refunded", async () => {
    const userId = await fixture.signUp();
    await fixture.control.setDeliveryMode("drop");
    const monthId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    const month = fixture.latest("invoice.paid");
    await fixture.control.setDeliveryMode("normal");
    await fixture.control.advanceClock({ ms: 2_000 });
    await fixture.buy(userId, "lifetime");
    const refund = await fixture.control.refund((await paid(userId)).paymentIntentId);
    await fixture.deliver(month);
    await fixture.deliverCalls();
    const { subscriptions } = fixture.billing.stripe;
    expect(await subscriptions.retrieve(monthId)).toMatchObject({ cancel_at_period_end: false });
    await fixture.control.failRefund(refund.id);
    await fixture.deliverCalls();
    expect(await subscriptions.retrieve(monthId)).toMatchObject({ cancel_at_period_end: true });
    expect(await membership(userId)).toMatchObject({ plan: "lifetime" });
  });

  it("restores a month that ran beside a lifetime before it was refunded", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pro-monthly");
    const month = await paid(userId);
    await fixture.control.advanceClock({ days: 2 });
    await fixture.buy(userId, "lifetime");
    await fixture.deliverCalls();
    await fixture.control.advanceClock({ days: 2 });
    const refund = await fixture.control.refund(month.paymentIntentId);
    await fixture.control.failRefund(refund.id);
    expect(await firstOf(userId)).toMatchObject({ refusal: null, owedCents: 0 });
    expect(await fixture.available(userId)).toBe(2120);
    expect(await membership(userId)).toMatchObject({ plan: "lifetime" });
  });

  it("refunds the first purchase when its lost dispute is won on appeal", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "lifetime");
    const dispute = await fixture.control.dispute((await paid(userId)).paymentIntentId);
    await fixture.control.loseDispute(dispute.id);
    await fixture.control.advanceClock({ days: 2 });
    await fixture.buy(userId, "lifetime");
    await fixture.control.appealDispute(dispute.id);
    await fixture.control.winDispute(dispute.id);
    await fixture.deliverCalls();
    const expected = { refusal: "replaced", owedCents: 0, refundedCents: 19900 };
    expect(await firstOf(userId)).toMatchObject(expected);
    expect(await fixture.available(userId)).toBe(1120);
  });

  it.each(["has", "has not"])(
    "restores the first year when its replacement has ended and that event %s arrived",
    async (how) => {
      const userId = await fixture.signUp();
      const { refund, sessionId } = await replace(userId, ["pro-yearly", "pro-monthly"]);
      await fixture.control.setDeliveryMode(how === "has" ? "normal" : "drop");
      await fixture.control.cancelSubscription(await fixture.subscriptionOf(sessionId), "now");
      await fixture.control.setDeliveryMode("normal");
      await fixture.control.failRefund(refund.id);
      expect(await firstOf(userId)).toMatchObject({ refusal: null, owedCents: 0 });
      expect(await membership(userId)).toMatchObject({ plan: "pro-yearly" });
    },
  );
});

describe("a failed partial refund", () => {
  it("restores nothing until the dispute of the full amount is won", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-basic");
    const { paymentIntentId: intent } = await paid(userId);
    const refund = await fixture.control.refund(intent, 330);
    const dispute = await fixture.control.dispute(intent, 990);
    expect(await fixture.granted(userId)).toBe(0);
    await fixture.control.failRefund(refund.id);
    expect((await fixture.booked(userId)).map(({ type, amount }) => [type, amount])).toEqual([
      ["PURCHASE_PACKAGE", 100],
      ["REVOKE", -33],
      ["REVOKE", -67],
      ["RESTORE", 33],
      ["REVOKE", -33],
    ]);
    await fixture.control.winDispute(dispute.id);
    expect(await fixture.granted(userId)).toBe(100);
    expect(await fixture.available(userId)).toBe(220);
  });
});

describe("an invoice paid by two payments", () => {
  /** A renewal of 990 cents: 330 are paid first, the remainder by the next attempt. */
  async function payInParts(userId: string) {
    const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    fixture.control.failNextPayment(subscriptionId);
    await fixture.control.advanceClock({ months: 1, ms: TWO_HOURS_MS });
    const { stripe } = fixture.billing;
    const open = await stripe.invoices.list({ subscription: subscriptionId, status: "open" });
    const invoice = open.data[0]?.id ?? "";
    await fixture.control.payInvoicePart(invoice, 330);
    await fixture.control.advanceClock({ days: 4 });
    const made = await stripe.invoicePayments.list({ invoice, status: "paid" });
    const intents = made.data
      .sort((a, b) => (a.amount_paid ?? 0) - (b.amount_paid ?? 0))
      .map(({ payment }) => String(payment.payment_intent));
    const [small, large] = intents;
    if (small === undefined || large === undefined) throw new Error("expected two payments");
    return { small, large };
  }

  const reversed = async (userId: string) =>
    (await fixture.booked(userId))
      .filter(({ type }) => type === "REVOKE" || type === "RESTORE")
      .map(({ amount }) => amount);

  it("is one payment whose refunds are summed across both", async () => {
    const userId = await fixture.signUp();
    const { small, large } = await payInParts(userId);
    expect(await paid(userId)).toMatchObject({ amountCents: 990, credits: 1000 });
    await fixture.control.refund(small);
    expect(await reversed(userId)).toEqual([-333]);
    expect(await paid(userId)).toMatchObject({ refundedCents: 330 });
    expect(await membership(userId)).toMatchObject({ plan: "pro-monthly" });
    await fixture.control.refund(large, 330);
    expect(await reversed(userId)).toEqual([-333, -334]);
    const last = await fixture.control.refund(large);
    expect(await reversed(userId)).toEqual([-333, -334, -333]);
    expect(await paid(userId)).toMatchObject({ refundedCents: 990 });
    expect(await membership(userId)).toMatchObject({ plan: "free" });
    await fixture.control.failRefund(last.id);
    expect(await reversed(userId)).toEqual([-333, -334, -333, 333]);
    expect(await paid(userId)).toMatchObject({ refundedCents: 660 });
    expect(await membership(userId)).toMatchObject({ plan: "pro-monthly" });
  });

  it("loses the share of a dispute of one payment", async () => {
    const userId = await fixture.signUp();
    const { small, large } = await payInParts(userId);
    const dispute = await fixture.control.dispute(small);
    expect(await reversed(userId)).toEqual([-333]);
    await fixture.control.refund(large);
    expect(await reversed(userId)).toEqual([-333, -667]);
    await fixture.control.winDispute(dispute.id);
    expect(await reversed(userId)).toEqual([-333, -667, 333]);
  });
});
