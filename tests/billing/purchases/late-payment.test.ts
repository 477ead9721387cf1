import { addHours } from "date-fns";
import { and, eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ensureCustomer } from "@/billing/checkout/customer";
import { getMembership } from "@/billing/queries";
import { outbox } from "@/db/schema";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { now } from "@/lib/clock";
import { monthsAfter } from "@/lib/utc-period";
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

const distribute = () =>
  distributeCredits(fixture.db, { now: now(), deadlineMs: Number.POSITIVE_INFINITY });

/** Buys a plan whose renewal fails for good. The subscription has ended; its invoice is open. */
async function failForGood(userId: string, item: "pro-monthly" | "pro-yearly") {
  const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, item));
  fixture.control.failNextPayment(subscriptionId, 20);
  const period = item === "pro-monthly" ? { months: 1 } : { years: 1 };
  await fixture.control.advanceClock({ ...period, days: 20 });
  fixture.control.failNextPayment(subscriptionId, 0);
  const { data } = await fixture.billing.stripe.invoices.list({
    subscription: subscriptionId,
    status: "open",
  });
  return { subscriptionId, invoiceId: data[0]?.id ?? "" };
}

/** Pays an invoice. Returns the second of the payment. */
async function payLate(invoiceId: string): Promise<Date> {
  await fixture.control.payInvoice(invoiceId);
  const { status_transitions } = await fixture.billing.stripe.invoices.retrieve(invoiceId);
  return new Date((status_transitions.paid_at ?? 0) * 1000);
}

async function latePayment(userId: string, invoiceId: string) {
  return (await fixture.payments(userId)).find((paid) => paid.invoiceId === invoiceId);
}

async function emailProps(key: string) {
  const [email] = await fixture.db
    .select({ payload: outbox.payload })
    .from(outbox)
    .where(and(eq(outbox.kind, "email"), eq(outbox.idempotencyKey, `email:${key}`)));
  return email?.payload;
}

async function allotmentExpiry(invoiceId: string): Promise<Date | undefined> {
  const [lot] = await fixture.database.ownerSql<{ expires_at: Date }[]>`
    select expires_at from credit_lot where source = ${`invoice:${invoiceId}`}`;
  return lot?.expires_at;
}

/** Delivers the latest event about the subscription's end again. */
async function repeatEnd(): Promise<void> {
  const event = fixture.latest("customer.subscription.deleted");
  await fixture.deliver({ ...event, id: `${event.id}_again` });
}

describe("an invoice that is paid after its subscription's end", () => {
  it("delivers a month that runs from the payment", async () => {
    const userId = await fixture.signUp();
    const { invoiceId } = await failForGood(userId, "pro-monthly");
    expect(await membership(userId)).toMatchObject({ plan: "free" });
    const paidAt = await payLate(invoiceId);
    const until = monthsAfter(paidAt, 1);
    expect(await membership(userId)).toMatchObject({
      plan: "pro-monthly",
      since: paidAt,
      until,
      renewsAt: null,
    });
    expect(await allotmentExpiry(invoiceId)).toEqual(addHours(until, 48));
    expect(await emailProps(`purchase:invoice:${invoiceId}`)).toMatchObject({
      template: "purchase-received",
      props: { credits: 1000, periodUntil: until.toISOString() },
    });
    await repeatEnd();
    expect(await membership(userId)).toMatchObject({ plan: "pro-monthly", until });
    expect((await fixture.payments(userId)).at(-1)).toMatchObject({ refundedCents: 0 });
    await fixture.deliverCalls();
    expect(await fixture.billing.stripe.invoices.retrieve(invoiceId)).toMatchObject({
      status: "paid",
    });
  });

  it("delivers a year of twelve allotments that runs from the payment", async () => {
    const userId = await fixture.signUp();
    const { invoiceId } = await failForGood(userId, "pro-yearly");
    const paidAt = await payLate(invoiceId);
    await repeatEnd();
    const until = monthsAfter(paidAt, 12);
    expect(await membership(userId)).toMatchObject({ plan: "pro-yearly", until });
    for (let month = 0; month < 13; month += 1) {
      await fixture.control.advanceClock({ months: 1 });
      await distribute();
    }
    const source = `schedule:invoice:${invoiceId}:`;
    const months = (await fixture.booked(userId)).filter(({ key }) => key.startsWith(source));
    expect(months).toHaveLength(11);
    expect(await membership(userId)).toMatchObject({ plan: "free" });
  });

  it("has the same period when its event arrives days later", async () => {
    const userId = await fixture.signUp();
    const { invoiceId } = await failForGood(userId, "pro-monthly");
    await fixture.control.setDeliveryMode("drop");
    const paidAt = await payLate(invoiceId);
    await fixture.control.setDeliveryMode("normal");
    await fixture.control.advanceClock({ days: 4 });
    await fixture.deliver(fixture.latest("invoice.paid"));
    expect((await fixture.payments(userId)).at(-1)).toMatchObject({
      memberFromAt: paidAt,
      memberUntilAt: monthsAfter(paidAt, 1),
    });
  });

  it("loses and regains the whole period when its refund fails", async () => {
    const userId = await fixture.signUp();
    const { invoiceId } = await failForGood(userId, "pro-yearly");
    const until = monthsAfter(await payLate(invoiceId), 12);
    const intent = (await fixture.payments(userId)).at(-1)?.paymentIntentId ?? "";
    const refund = await fixture.control.refund(intent);
    expect(await membership(userId)).toMatchObject({ plan: "free" });
    await fixture.control.failRefund(refund.id);
    expect(await membership(userId)).toMatchObject({ plan: "pro-yearly", until });
    await fixture.control.advanceClock({ months: 1, days: 1 });
    await distribute();
    expect((await fixture.allotments(userId)).at(-1)?.key).toContain(invoiceId);
  });

  it.each(["pro-monthly", "lifetime"] as const)(
    "is refunded and emailed when its owner has bought %s by then",
    async (other) => {
      const userId = await fixture.signUp();
      const { invoiceId } = await failForGood(userId, "pro-yearly");
      await fixture.buy(userId, other);
      const before = await fixture.granted(userId);
      await fixture.control.advanceClock({ ms: 60_000 });
      await payLate(invoiceId);
      await fixture.deliverCalls();
      expect(await fixture.granted(userId)).toBe(before);
      const late = (await fixture.payments(userId)).find((paid) => paid.invoiceId === invoiceId);
      expect(late).toMatchObject({ credits: 0, memberFromAt: null, refundedCents: 9900 });
      expect(await membership(userId)).toMatchObject({ plan: other });
      expect(await emailProps(`late-payment:invoice:${invoiceId}`)).toMatchObject({
        template: "late-payment-refunded",
        props: { amountCents: 9900, currency: "usd" },
      });
    },
  );

  it("has an email that states the amounts returned to the card and to the balance", async () => {
    const userId = await fixture.signUp();
    const customer = await ensureCustomer(fixture.billing, userId);
    const sessionId = await fixture.buy(userId, "pro-monthly");
    const { stripe } = fixture.billing;
    await stripe.customers.update(customer, { balance: -500 });
    const subscriptionId = await fixture.subscriptionOf(sessionId);
    fixture.control.failNextPayment(subscriptionId, 20);
    await fixture.control.advanceClock({ months: 1, days: 20 });
    fixture.control.failNextPayment(subscriptionId, 0);
    await fixture.buy(userId, "lifetime");
    const { data } = await stripe.invoices.list({ subscription: subscriptionId, status: "open" });
    const invoiceId = data[0]?.id ?? "";
    await fixture.control.advanceClock({ ms: 60_000 });
    await payLate(invoiceId);
    expect(await emailProps(`late-payment:invoice:${invoiceId}`)).toMatchObject({
      props: { amountCents: 990, balanceCents: 500 },
    });
  });

  it("is delivered when its owner bought another plan only afterwards", async () => {
    const userId = await fixture.signUp();
    const { invoiceId } = await failForGood(userId, "pro-yearly");
    await fixture.control.setDeliveryMode("drop");
    await payLate(invoiceId);
    await fixture.control.setDeliveryMode("normal");
    await fixture.control.advanceClock({ days: 1 });
    await fixture.buy(userId, "pro-monthly");
    const event = fixture.control.listEvents("invoice.paid").at(-2);
    if (event === undefined) throw new Error("nothing was paid late");
    await fixture.deliver(event);
    const late = (await fixture.payments(userId)).find((paid) => paid.invoiceId === invoiceId);
    expect(late).toMatchObject({ credits: 1000, item: "pro-yearly" });
  });

  it("is refunded when its owner's only other subscription ended before its event arrives", async () => {
    const userId = await fixture.signUp();
    const { invoiceId } = await failForGood(userId, "pro-yearly");
    const other = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    await fixture.control.advanceClock({ ms: 60_000 });
    await fixture.control.setDeliveryMode("drop");
    await payLate(invoiceId);
    const paid = fixture.latest("invoice.paid");
    await fixture.control.setDeliveryMode("normal");
    await fixture.control.advanceClock({ days: 1 });
    await fixture.control.cancelSubscription(other, "now");
    await fixture.deliver(paid);
    expect(await latePayment(userId, invoiceId)).toMatchObject({ refusal: "late", credits: 0 });
  });

  it.each([
    ["failed", { refusal: "late", credits: 0 }, "lifetime"],
    ["is pending", { refusal: null, credits: 1000 }, "pro-yearly"],
  ] as const)(
    "follows Stripe when its owner's lifetime was refunded in full, the refund %s, and that event is late",
    async (outcome, expected, plan) => {
      const userId = await fixture.signUp();
      const { invoiceId } = await failForGood(userId, "pro-yearly");
      await fixture.buy(userId, "lifetime");
      const intent = (await fixture.payments(userId)).at(-1)?.paymentIntentId ?? "";
      await fixture.control.advanceClock({ ms: 60_000 });
      if (outcome === "is pending") await fixture.control.setDeliveryMode("drop");
      const refund = await fixture.control.refund(intent);
      await fixture.control.setDeliveryMode("drop");
      if (outcome === "failed") await fixture.control.failRefund(refund.id);
      await fixture.control.advanceClock({ ms: 60_000 });
      await payLate(invoiceId);
      await fixture.deliver(fixture.latest("invoice.paid"));
      for (const event of fixture.control.listEvents("refund.failed")) await fixture.deliver(event);
      await fixture.deliver(fixture.latest("charge.refunded"));
      await fixture.control.setDeliveryMode("normal");
      await fixture.deliverCalls();
      expect(await latePayment(userId, invoiceId)).toMatchObject(expected);
      expect(await membership(userId)).toMatchObject({ plan });
    },
  );

  it("is refunded when the event of a lifetime bought before is late", async () => {
    const userId = await fixture.signUp();
    const { invoiceId } = await failForGood(userId, "pro-yearly");
    await fixture.control.setDeliveryMode("drop");
    await fixture.buy(userId, "lifetime");
    const bought = fixture.latest("checkout.session.completed");
    await fixture.control.advanceClock({ ms: 60_000 });
    await payLate(invoiceId);
    await fixture.deliver(fixture.latest("invoice.paid"));
    await fixture.deliver(bought);
    await fixture.control.setDeliveryMode("normal");
    await fixture.deliverCalls();
    expect(await latePayment(userId, invoiceId)).toMatchObject({ refusal: "late", credits: 0 });
    expect(await membership(userId)).toMatchObject({ plan: "lifetime" });
    expect(await fixture.granted(userId)).toBe(2000);
  });

  it("is delivered from the payment even if it was marked uncollectible", async () => {
    const userId = await fixture.signUp();
    const { invoiceId } = await failForGood(userId, "pro-monthly");
    await fixture.billing.stripe.invoices.markUncollectible(invoiceId);
    const paidAt = await payLate(invoiceId);
    expect(await membership(userId)).toMatchObject({ until: monthsAfter(paidAt, 1) });
  });
});
