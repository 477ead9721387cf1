import { addMinutes } from "date-fns";
import { millisecondsInHour } from "date-fns/constants";
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ensureCustomer } from "@/billing/checkout/customer";
import { getMembership, listSubscriptions } from "@/billing/queries";
import { outbox } from "@/db/schema";
import { now } from "@/lib/clock";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(async () => {
  fixture.isUp = true;
  await fixture.expectBalanced();
});
afterAll(() => fixture.close());

const membership = (userId: string) => getMembership(fixture.db, { userId, at: now() });

describe("a second subscription", () => {
  it.each(["active", "past_due", "incomplete"])(
    "is refused at the checkout while one is %s",
    async (status) => {
      const userId = await fixture.signUp();
      const how = status === "incomplete" ? "incomplete" : "card";
      const sessionId = await fixture.buy(userId, "pro-monthly", how);
      if (status === "past_due") {
        fixture.control.failNextPayment(await fixture.subscriptionOf(sessionId));
        await fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });
      }
      expect((await listSubscriptions(fixture.db, { userId }))[0]?.status).toBe(status);
      await expect(fixture.openCheckout(userId, "pro-yearly")).rejects.toMatchObject({
        code: "second_subscription",
        status: 409,
      });
    },
  );

  it("is refused at the checkout before the first one's event arrives", async () => {
    const userId = await fixture.signUp();
    fixture.isUp = false;
    await fixture.buy(userId, "pro-monthly");
    await expect(fixture.openCheckout(userId, "pro-yearly")).rejects.toMatchObject({
      code: "second_subscription",
    });
  });

  it.each([
    ["first event first", "price_pro_yearly", 9900],
    ["second event first", "price_pro_yearly", 9900],
    ["the same plan, first event first", "price_pro_monthly", 990],
    ["the same plan, second event first", "price_pro_monthly", 990],
  ])(
    "grants nothing and is cancelled and refunded when it is paid anyway (%s)",
    async (order, secondPrice, refundedCents) => {
      const userId = await fixture.signUp();
      const customer = await ensureCustomer(fixture.billing, userId);
      const open = (price: string) =>
        fixture.openForeignSession({
          mode: "subscription",
          customer,
          line_items: [{ price, quantity: 1 }],
          metadata: { userId },
          subscription_data: { metadata: { userId } },
        });
      const [one, two] = [await open("price_pro_monthly"), await open(secondPrice)];
      await fixture.control.setDeliveryMode("drop");
      await fixture.control.pay(one);
      await fixture.control.advanceClock({ ms: 2_000 });
      await fixture.control.pay(two);
      await fixture.control.setDeliveryMode("normal");
      const paid = fixture.control.listEvents("invoice.paid").slice(-2);
      for (const event of order.endsWith("first event first") ? paid : paid.reverse()) {
        expect((await fixture.deliver(event)).status).toBe(200);
      }
      expect(await fixture.granted(userId)).toBe(1000);
      expect(await fixture.deliverCalls()).toEqual({ done: 2, failed: 0 });
      const [first, second] = [
        await fixture.subscriptionOf(one),
        await fixture.subscriptionOf(two),
      ];
      const { stripe } = fixture.billing;
      expect((await stripe.subscriptions.retrieve(first)).status).toBe("active");
      expect((await stripe.subscriptions.retrieve(second)).status).toBe("canceled");
      const refunds = await stripe.refunds.list({ limit: 1 });
      expect(refunds.data[0]).toMatchObject({ amount: refundedCents, status: "succeeded" });
      expect(await membership(userId)).toMatchObject({ plan: "pro-monthly", status: "active" });
      const emails = await fixture.emails(userId);
      expect(emails.filter((key) => key.includes("duplicate-purchase"))).toHaveLength(1);
    },
  );

  it.each([
    ["in part", 500],
    ["wholly", 2000],
  ])(
    "returns what the card and the balance paid by one credit note when the balance paid it %s",
    async (_how, balance) => {
      const userId = await fixture.signUp();
      const { customer, invoiceId } = await payTwice(userId, balance);
      const fromBalance = Math.min(balance, 990);
      expect(await fixture.deliverCalls()).toEqual({ done: 2, failed: 0 });
      const { stripe } = fixture.billing;
      const { data } = await stripe.creditNotes.list({ invoice: invoiceId });
      expect(data).toMatchObject([{ amount: 990, post_payment_amount: 990, reason: "duplicate" }]);
      const refunded = data[0]?.refunds.map(({ amount_refunded }) => amount_refunded);
      expect(refunded).toEqual(fromBalance === 990 ? [] : [490]);
      expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: -balance });
      expect(await stripe.invoices.retrieve(invoiceId)).toMatchObject({
        post_payment_credit_notes_amount: 990,
      });
      const [email] = await fixture.db
        .select({ payload: outbox.payload })
        .from(outbox)
        .where(eq(outbox.idempotencyKey, `email:duplicate-purchase:invoice:${invoiceId}`));
      expect(email?.payload).toMatchObject({
        props: { amountCents: 990, balanceCents: fromBalance },
      });
      expect(await fixture.granted(userId)).toBe(1000);
    },
  );

  it("is refunded once when the response to its credit note is lost", async () => {
    const userId = await fixture.signUp();
    const { invoiceId } = await payTwice(userId, 500);
    fixture.control.failNextCall({ method: "POST", path: "/v1/credit_notes", when: "after" });
    await fixture.deliverCalls();
    await fixture.control.advanceClock({ ms: 2 * 60_000 });
    expect(await fixture.deliverCalls()).toEqual({ done: 1, failed: 0 });
    const { data } = await fixture.billing.stripe.creditNotes.list({ invoice: invoiceId });
    expect(data.map(({ amount }) => amount)).toEqual([990]);
  });

  it("is credited only for what a refund in the dashboard has not returned", async () => {
    const userId = await fixture.signUp();
    const { customer, invoiceId } = await payTwice(userId, 500);
    const { stripe } = fixture.billing;
    const { data: paid } = await stripe.invoicePayments.list({ invoice: invoiceId });
    await fixture.control.refund(String(paid[0]?.payment.payment_intent), 100);
    expect(await fixture.deliverCalls()).toEqual({ done: 2, failed: 0 });
    const { data } = await stripe.creditNotes.list({ invoice: invoiceId });
    expect(data.map(({ amount }) => amount)).toEqual([990]);
    const returned = data[0]?.refunds.map(({ amount_refunded }) => amount_refunded);
    expect(returned?.sort()).toEqual([100, 390]);
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ balance: -500 });
  });

  /** Pays two subscriptions, the second with `balance` cents of customer balance. */
  async function payTwice(userId: string, balance: number) {
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
    await fixture.billing.stripe.customers.update(customer, { balance: -balance });
    const { session } = await fixture.control.pay(two);
    return { customer, invoiceId: String(session.invoice) };
  }

  it("is cancelled without a refund when nothing was paid, and the user is emailed", async () => {
    const userId = await fixture.signUp();
    const customer = await ensureCustomer(fixture.billing, userId);
    const open = () =>
      fixture.openForeignSession({
        mode: "subscription",
        customer,
        line_items: [{ price: "price_pro_monthly", quantity: 1 }],
        allow_promotion_codes: true,
        metadata: { userId },
        subscription_data: { metadata: { userId } },
      });
    const [one, two] = [await open(), await open()];
    await fixture.control.pay(one);
    await fixture.control.advanceClock({ ms: 2_000 });
    await fixture.control.pay(two, { how: "coupon" });
    expect(await fixture.granted(userId)).toBe(1000);
    expect(await fixture.deliverCalls()).toEqual({ done: 1, failed: 0 });
    const emails = await fixture.emails(userId);
    expect(emails.filter((key) => key.includes("duplicate-purchase"))).toHaveLength(1);
  });
});

describe("a second lifetime", () => {
  const open = async (userId: string, locale: "en" | "zh") =>
    fixture.openForeignSession({
      customer: await ensureCustomer(fixture.billing, userId),
      line_items: [{ price: "price_lifetime", quantity: 1 }],
      locale,
      metadata: { userId },
      payment_intent_data: { metadata: { userId } },
      allow_promotion_codes: true,
    });

  /** Pays without delivery. Returns the two events. */
  async function payBoth(sessionIds: readonly string[], how: "card" | "coupon" = "card") {
    await fixture.control.setDeliveryMode("drop");
    for (const sessionId of sessionIds) await fixture.control.pay(sessionId, { how });
    await fixture.control.setDeliveryMode("normal");
    return fixture.control.listEvents("checkout.session.completed").slice(-2);
  }

  async function expectOneLifetime(userId: string, emailCount = 1): Promise<void> {
    const payments = await fixture.payments(userId);
    expect(payments.map(({ credits, amountCents }) => [credits, amountCents]).sort()).toEqual([
      [0, 19900],
      [1000, 19900],
    ]);
    expect(await fixture.granted(userId)).toBe(1000);
    const schedules = await fixture.database.ownerSql`
      select 1 from credit_schedule where user_id = ${userId} and kind = 'lifetime'`;
    expect(schedules).toHaveLength(1);
    expect(await membership(userId)).toMatchObject({ plan: "lifetime", until: null });
    const emails = await fixture.emails(userId);
    expect(emails.filter((key) => key.includes("duplicate-purchase"))).toHaveLength(emailCount);
    expect(emails.filter((key) => key.includes("purchase:checkout"))).toHaveLength(2);
  }

  async function refundsOf(userId: string) {
    const intents = (await fixture.payments(userId)).flatMap((row) => row.paymentIntentId ?? []);
    const refunds = await Promise.all(
      intents.map(async (payment_intent) => {
        const { data } = await fixture.billing.stripe.refunds.list({ payment_intent });
        return data;
      }),
    );
    return refunds.flat();
  }

  it.each(["at once", "one after the other", "the second event first"])(
    "is refunded and grants nothing when both are paid in two locales (%s)",
    async (order) => {
      const userId = await fixture.signUp();
      const events = await payBoth([await open(userId, "en"), await open(userId, "zh")]);
      if (order === "the second event first") events.reverse();
      if (order === "at once") {
        const responses = await Promise.all(events.map((event) => fixture.deliver(event)));
        expect(responses.map(({ status }) => status)).toEqual([200, 200]);
      } else {
        for (const event of events) expect((await fixture.deliver(event)).status).toBe(200);
      }
      await expectOneLifetime(userId);
      expect(await fixture.deliverCalls()).toEqual({ done: 1, failed: 0 });
      expect(await refundsOf(userId)).toMatchObject([{ amount: 19900, status: "succeeded" }]);
      for (const event of events) expect((await fixture.deliver(event)).status).toBe(200);
      expect(await fixture.deliverCalls()).toEqual({ done: 0, failed: 0 });
      await expectOneLifetime(userId);
      const refused = (await fixture.payments(userId)).find(({ credits }) => credits === 0);
      expect(refused).toMatchObject({ refundedCents: 19900, memberFromAt: null });
    },
  );

  it("is recorded and emailed without a refund when nothing was charged", async () => {
    const userId = await fixture.signUp();
    const events = await payBoth([await open(userId, "en"), await open(userId, "zh")], "coupon");
    for (const event of events) await fixture.deliver(event);
    expect(await fixture.granted(userId)).toBe(1000);
    expect(await fixture.deliverCalls()).toEqual({ done: 0, failed: 0 });
    const emails = await fixture.emails(userId);
    expect(emails.filter((key) => key.includes("duplicate-purchase"))).toHaveLength(1);
  });

  it("is granted after the first one was refunded in full", async () => {
    const userId = await fixture.signUp();
    const first = await open(userId, "en");
    const second = await open(userId, "zh");
    await fixture.control.pay(first);
    const [bought] = await fixture.payments(userId);
    await fixture.control.refund(bought?.paymentIntentId ?? "");
    expect(await fixture.granted(userId)).toBe(0);
    await fixture.control.pay(second);
    expect(await fixture.granted(userId)).toBe(1000);
    expect(await membership(userId)).toMatchObject({ plan: "lifetime" });
  });

  it.each([
    ["refunded in full, on a server whose clock is behind", "refund", 0, -4],
    ["lost in a dispute, after a server whose clock is ahead handled the loss", "dispute", 4, 0],
  ] as const)(
    "is granted after the first one was %s",
    async (_how, reversal, reversedOffset, boughtOffset) => {
      const setClock = (minutes: number) => {
        const clock = () => addMinutes(now(), minutes);
        Object.assign(fixture.billing, { clock });
      };
      const userId = await fixture.signUp();
      await fixture.buy(userId, "lifetime");
      const [first] = await fixture.payments(userId);
      await fixture.control.advanceClock({ days: 2 });
      setClock(reversedOffset);
      if (reversal === "refund") await fixture.control.refund(first?.paymentIntentId ?? "");
      else {
        const { id } = await fixture.control.dispute(first?.paymentIntentId ?? "");
        await fixture.control.loseDispute(id);
      }
      setClock(boughtOffset);
      await fixture.buy(userId, "lifetime");
      setClock(0);
      expect(await fixture.payments(userId)).toMatchObject([
        { isReversed: true },
        { isReversed: false, credits: 1000, refusal: null },
      ]);
      expect(await membership(userId)).toMatchObject({ plan: "lifetime" });
    },
  );

  it.each([
    ["is granted", "was refunded in full", [0, 1000], ["charge.refunded"]],
    ["is refunded", "was refunded in full and the refund has failed", [1000, 0], ["refund.failed"]],
  ] as const)(
    "%s when the first one %s and that event is late",
    async (_is, _was, credits, late) => {
      const userId = await fixture.signUp();
      const pages = [await open(userId, "en"), await open(userId, "zh")];
      await fixture.control.pay(pages[0] ?? "");
      const [first] = await fixture.payments(userId);
      await fixture.control.advanceClock({ ms: 2_000 });
      const isFailed = late[0] === "refund.failed";
      if (!isFailed) await fixture.control.setDeliveryMode("drop");
      const refund = await fixture.control.refund(first?.paymentIntentId ?? "");
      await fixture.control.setDeliveryMode("drop");
      if (isFailed) await fixture.control.failRefund(refund.id);
      await fixture.control.advanceClock({ ms: 2_000 });
      await fixture.control.setDeliveryMode("normal");
      await fixture.control.pay(pages[1] ?? "");
      await fixture.deliver(fixture.latest(late[0]));
      await fixture.deliverCalls();
      const payments = await fixture.payments(userId);
      expect(payments.map(({ id }) => id)).toEqual(pages.map((id) => `checkout:${id}`));
      const schedules = await fixture.database.ownerSql`
      select id from credit_schedule
      where user_id = ${userId} and kind = 'lifetime' and ended_at is null`;
      expect(schedules).toMatchObject([{ id: `checkout:${pages[credits.indexOf(1000)]}` }]);
      expect(payments[1]?.refusal).toBe(isFailed ? "second" : null);
      expect(payments.map(({ refundedCents }) => refundedCents)).toEqual(
        isFailed ? [0, 19900] : [19900, 0],
      );
      expect(payments.map(({ owedCents }) => owedCents)).toEqual([0, 0]);
      expect(await membership(userId)).toMatchObject({ plan: "lifetime" });
      expect(await fixture.granted(userId)).toBe(1000);
    },
  );

  it("leaves one of each when a lifetime's and a subscription's open pages are both paid", async () => {
    const userId = await fixture.signUp();
    const lifetime = await open(userId, "en");
    const plan = await fixture.openForeignSession({
      mode: "subscription",
      customer: await ensureCustomer(fixture.billing, userId),
      line_items: [{ price: "price_pro_monthly", quantity: 1 }],
      subscription_data: { metadata: { userId } },
    });
    await fixture.control.pay(lifetime);
    await fixture.control.advanceClock({ ms: 2_000 });
    await fixture.control.pay(plan);
    expect(await fixture.granted(userId)).toBe(2000);
    expect(await fixture.deliverCalls()).toEqual({ done: 0, failed: 0 });
    expect(await membership(userId)).toMatchObject({ plan: "lifetime" });
  });
});
