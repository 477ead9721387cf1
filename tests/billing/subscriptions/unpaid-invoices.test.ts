import { millisecondsInHour } from "date-fns/constants";
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { getMembership } from "@/billing/queries";
import { outbox } from "@/db/schema";
import { storedEmail } from "@/emails/email-content";
import { now } from "@/lib/clock";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(() => fixture.expectBalanced());
afterAll(() => fixture.close());

const membership = (userId: string) => getMembership(fixture.db, { userId, at: now() });
const TWO_HOURS_MS = 2 * millisecondsInHour;

async function subscribe(userId: string, item: "pro-monthly" | "pro-yearly" = "pro-monthly") {
  return fixture.subscriptionOf(await fixture.buy(userId, item));
}

/** The subscription's invoices, newest first. */
async function invoices(subscription: string) {
  const { data } = await fixture.billing.stripe.invoices.list({ subscription, limit: 10 });
  return data.map(({ id, status }) => ({ id, status }));
}

/** Delivers the latest event of a type that the endpoint does not subscribe to. */
async function deliverLatest(type: "invoice.voided" | "invoice.marked_uncollectible") {
  const event = fixture.latest(type);
  await fixture.deliver({ ...event, id: `${event.id}_delivered` });
  return fixture.event(`${event.id}_delivered`);
}

describe("the end of a subscription", () => {
  it("voids its open invoice when every retry has failed", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId);
    fixture.control.failNextPayment(id, 20);
    await fixture.control.advanceClock({ months: 1, days: 20 });
    const [renewal] = await invoices(id);
    expect(renewal?.status).toBe("open");
    expect(await fixture.deliverCalls()).toEqual({ done: 1, failed: 0 });
    expect(await invoices(id)).toMatchObject([{ status: "void" }, { status: "paid" }]);
    await expect(fixture.control.payInvoice(renewal?.id ?? "")).rejects.toThrow(/is void/);
  });

  it("voids open and uncollectible invoices when the user cancels at once", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId);
    fixture.control.failNextPayment(id, 20);
    await fixture.control.advanceClock({ months: 1, ms: TWO_HOURS_MS });
    const [first] = await invoices(id);
    await fixture.billing.stripe.invoices.markUncollectible(first?.id ?? "");
    await fixture.control.advanceClock({ months: 1 });
    expect(await invoices(id)).toMatchObject([
      { status: "open" },
      { status: "uncollectible" },
      { status: "paid" },
    ]);
    await fixture.control.cancelSubscription(id, "now");
    expect(await fixture.deliverCalls()).toEqual({ done: 2, failed: 0 });
    expect(await invoices(id)).toMatchObject([
      { status: "void" },
      { status: "void" },
      { status: "paid" },
    ]);
  });

  it("keeps a draft invoice from being charged", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId);
    await fixture.control.advanceClock({ months: 1, ms: 60_000 });
    await fixture.control.cancelSubscription(id, "now");
    expect(await fixture.deliverCalls()).toEqual({ done: 1, failed: 0 });
    await fixture.control.advanceClock({ days: 3 });
    expect(await invoices(id)).toMatchObject([{ status: "draft" }, { status: "paid" }]);
  });

  it("retries a void that Stripe refuses while a bank debit is processing", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.buy(userId, "pro-monthly", "later");
    const id = await fixture.subscriptionOf(sessionId);
    await fixture.control.cancelSubscription(id, "now");
    // A call is dead-lettered after 8 attempts, but a debit can take longer.
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      expect(await fixture.deliverCalls()).toEqual({ done: 0, failed: 1 });
      await fixture.control.advanceClock({ ms: 12 * millisecondsInHour });
    }
    await fixture.control.settleDelayedPayment(sessionId, "fail");
    expect(await fixture.deliverCalls()).toEqual({ done: 1, failed: 0 });
    expect(await invoices(id)).toMatchObject([{ status: "void" }]);
    expect(await fixture.granted(userId)).toBe(0);
  });
});

describe("invoice.voided", () => {
  it("needs no handler: the subscription's own event reports that nothing is due", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId);
    fixture.control.failNextPayment(id);
    await fixture.control.advanceClock({ months: 1, ms: TWO_HOURS_MS });
    expect(await membership(userId)).toMatchObject({ plan: "free", status: "past_due" });
    const [renewal] = await invoices(id);
    await fixture.billing.stripe.invoices.voidInvoice(renewal?.id ?? "");
    await fixture.control.settled();
    expect(await deliverLatest("invoice.voided")).toMatchObject({ status: "ignored" });
    expect(await membership(userId)).toMatchObject({ plan: "free", status: "active" });
    expect(await fixture.granted(userId)).toBe(1000);
    await fixture.control.advanceClock({ months: 1 });
    expect(await fixture.granted(userId)).toBe(2000);
    expect(await membership(userId)).toMatchObject({ plan: "pro-monthly", status: "active" });
  });
});

describe("invoice.marked_uncollectible", () => {
  it("needs no handler: nothing is granted until the invoice is paid after all", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId);
    fixture.control.failNextPayment(id);
    await fixture.control.advanceClock({ months: 1, ms: TWO_HOURS_MS });
    const [renewal] = await invoices(id);
    await fixture.billing.stripe.invoices.markUncollectible(renewal?.id ?? "");
    await fixture.control.settled();
    expect(await deliverLatest("invoice.marked_uncollectible")).toMatchObject({
      status: "ignored",
    });
    expect(await fixture.granted(userId)).toBe(1000);
    await fixture.control.advanceClock({ days: 10 });
    await fixture.control.payInvoice(renewal?.id ?? "");
    expect(await fixture.granted(userId)).toBe(2000);
    const [mine] = (await fixture.payments(userId)).slice(-1);
    // The subscription still runs, so the period is the billed one.
    expect(await membership(userId)).toMatchObject({
      plan: "pro-monthly",
      until: mine?.memberUntilAt,
    });
    expect(mine?.memberFromAt?.getTime()).toBeLessThan(mine?.paidAt.getTime() ?? 0);
  });
});

describe("two invoices paid in reverse order", () => {
  it("grant a month each and leave the later period's end", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId);
    fixture.control.failNextPayment(id);
    await fixture.control.advanceClock({ months: 1, ms: TWO_HOURS_MS });
    const [second] = await invoices(id);
    await fixture.billing.stripe.invoices.markUncollectible(second?.id ?? "");
    await fixture.control.advanceClock({ months: 1, ms: TWO_HOURS_MS });
    expect(await fixture.allotments(userId)).toHaveLength(2);
    const { until } = await membership(userId);
    await fixture.control.payInvoice(second?.id ?? "");
    expect(await fixture.allotments(userId)).toHaveLength(3);
    expect(await membership(userId)).toMatchObject({ plan: "pro-monthly", until });
  });
});

describe("a renewal whose payment needs authentication", () => {
  async function renewUnconfirmed(locale: "en" | "zh-CN" = "en") {
    const userId = await fixture.signUp(locale);
    const id = await subscribe(userId);
    fixture.control.demandAuthentication(id, 20);
    await fixture.control.advanceClock({ months: 1, ms: TWO_HOURS_MS });
    const [renewal] = await invoices(id);
    return { userId, id, invoiceId: renewal?.id ?? "" };
  }

  async function confirmationEmails(userId: string) {
    const rows = await fixture.db.select().from(outbox).where(eq(outbox.userId, userId));
    return rows
      .filter(({ idempotencyKey }) => /payment-(confirmation|failed):/.test(idempotencyKey))
      .map(({ payload }) => storedEmail.parse(payload));
  }

  it.each(["en", "zh-CN"] as const)(
    "emails the invoice's link once and grants nothing (%s)",
    async (locale) => {
      const { userId, invoiceId } = await renewUnconfirmed(locale);
      const { hosted_invoice_url } = await fixture.billing.stripe.invoices.retrieve(invoiceId);
      for (const type of ["invoice.payment_action_required", "invoice.payment_failed"] as const) {
        await fixture.deliver({ ...fixture.latest(type), id: `evt_${type}_${userId}` });
      }
      expect(await confirmationEmails(userId)).toMatchObject([
        { template: "payment-confirmation", locale, props: { invoiceUrl: hosted_invoice_url } },
      ]);
      expect(await fixture.granted(userId)).toBe(1000);
      expect(await membership(userId)).toMatchObject({ plan: "free", status: "past_due" });
    },
  );

  it("grants once when the user confirms it days later", async () => {
    const { userId, id, invoiceId } = await renewUnconfirmed();
    await fixture.control.advanceClock({ days: 2 });
    fixture.control.demandAuthentication(id, 0);
    await fixture.control.payInvoice(invoiceId);
    await fixture.deliver({ ...fixture.latest("invoice.paid"), id: `evt_paid_${userId}` });
    const late = fixture.latest("invoice.payment_action_required");
    await fixture.deliver({ ...late, id: `evt_late_${userId}` });
    expect(await fixture.allotments(userId)).toHaveLength(2);
    expect(await membership(userId)).toMatchObject({ plan: "pro-monthly", status: "active" });
  });
});
