import { addDays } from "date-fns";
import { millisecondsInHour, millisecondsInMinute } from "date-fns/constants";
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { deleteAccount } from "@/accounts/delete-account";
import { readEventChanges } from "@/admin/events/event-changes";
import { checkoutStatus } from "@/billing/checkout/checkout-status";
import { ensureCustomer } from "@/billing/checkout/customer";
import { HANDLED_EVENT_TYPES } from "@/billing/inbox/process-event";
import { getMembership } from "@/billing/queries";
import { catalogPrice, outbox, trial } from "@/db/schema";
import { creditLot } from "@/ledger/schema";
import { now } from "@/lib/clock";
import { BillingFixture } from "../billing-fixture";

vi.mock("@/catalog/catalog", () => import("../trial-catalog"));

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(async () => {
  await fixture.expectBalanced();
  // Later tests advance the clock, and these subscriptions need not renew then.
  await fixture.control.setDeliveryMode("drop");
  const live = await fixture.billing.stripe.subscriptions.list({ limit: 100 });
  for (const { id } of live.data) await fixture.control.cancelSubscription(id, "now");
  await fixture.control.setDeliveryMode("normal");
});
afterAll(() => fixture.close());

const membership = (userId: string) => getMembership(fixture.db, { userId, at: now() });
const convert = () => fixture.control.advanceClock({ days: 14, ms: 2 * millisecondsInHour });
const subscriptionAt = (id: string) => fixture.billing.stripe.subscriptions.retrieve(id);

/** The amounts granted by trials and paid periods. */
async function granted(userId: string): Promise<number[]> {
  return (await fixture.allotments(userId)).map(({ amount }) => amount);
}

async function trialLot(userId: string) {
  const lots = await fixture.db.select().from(creditLot).where(eq(creditLot.userId, userId));
  const ofTrial = lots.filter(({ type }) => type === "TRIAL");
  expect(ofTrial.length).toBeLessThanOrEqual(1);
  return ofTrial[0];
}

async function trialEmails(userId: string) {
  const rows = await fixture.db.select().from(outbox).where(eq(outbox.userId, userId));
  return rows
    .filter(({ idempotencyKey }) => idempotencyKey.startsWith("email:trial:"))
    .map(({ payload }) => payload);
}

/** Starts a trial of the plan. Returns the user, the session and the subscription. */
async function startTrial(item = "plus-monthly") {
  const userId = await fixture.signUp();
  const sessionId = await fixture.buy(userId, item);
  return { userId, sessionId, id: await fixture.subscriptionOf(sessionId) };
}

async function sessionMetadata(sessionId: string) {
  return (await fixture.billing.stripe.checkout.sessions.retrieve(sessionId)).metadata;
}

describe("a plan with a trial", () => {
  it("charges nothing, grants the trial's lot until its end and confirms it by email", async () => {
    const { userId, id } = await startTrial();
    const state = await subscriptionAt(id);
    expect(state).toMatchObject({ status: "trialing", metadata: { userId, trialDays: "14" } });
    const endsAt = new Date((state.trial_end ?? 0) * 1000);
    expect(await fixture.booked(userId)).toEqual([
      { type: "TRIAL", amount: 60, key: `trial:${id}:allotment` },
    ]);
    expect(await trialLot(userId)).toMatchObject({
      source: `trial:${id}`,
      paid: false,
      expiresAt: endsAt,
    });
    expect(await fixture.payments(userId)).toEqual([]);
    expect(await membership(userId)).toMatchObject({
      plan: "plus-monthly",
      status: "trialing",
      until: endsAt,
      renewsAt: endsAt,
      trial: { endsAt, firstCharge: { amountCents: 500, currency: "usd" } },
    });
    expect(await trialEmails(userId)).toMatchObject([
      { template: "trial", props: { event: "started", amountCents: 500 } },
    ]);
  });

  it("is shown on the console's page of the event that started it", async () => {
    const { id } = await startTrial();
    const stored = await fixture.event(fixture.latest("invoice.paid").id);
    const { ledger } = await readEventChanges(fixture.db, stored ?? expect.fail("no event"));
    expect(ledger).toMatchObject([{ type: "TRIAL", source: `trial:${id}` }]);
  });

  it("grants the full month once the first payment arrives; the lot ends with the trial", async () => {
    const { userId } = await startTrial();
    const before = await fixture.available(userId);
    await fixture.control.advanceClock({ days: 14, ms: 30 * millisecondsInMinute });
    expect(await granted(userId)).toEqual([60]);
    expect(await fixture.available(userId)).toBe(before - 60 - 7);
    expect(await membership(userId)).toMatchObject({ plan: "plus-monthly", status: "active" });
    await fixture.control.advanceClock({ ms: 2 * millisecondsInHour });
    expect(await granted(userId)).toEqual([60, 300]);
    expect(await membership(userId)).toMatchObject({ status: "active", trial: null });
    expect(await fixture.payments(userId)).toMatchObject([{ amountCents: 500, credits: 300 }]);
    await fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });
    expect(await granted(userId)).toEqual([60, 300, 300]);
  });

  it("grants a year its first month and the schedule after the trial", async () => {
    const { userId } = await startTrial("plus-yearly");
    expect(await granted(userId)).toEqual([60]);
    await convert();
    expect(await granted(userId)).toEqual([60, 300]);
    expect(await fixture.payments(userId)).toMatchObject([{ amountCents: 5000 }]);
  });

  it("shows the granted lot on the success page before the event arrives", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.openCheckout(userId, "plus-monthly");
    await fixture.control.setDeliveryMode("drop");
    await fixture.control.pay(sessionId);
    await fixture.control.advanceClock({ ms: 5_000 });
    const status = await checkoutStatus(fixture.billing, { userId, sessionId });
    expect(status).toMatchObject({ status: "trial", credits: 60 });
    expect(await granted(userId)).toEqual([60]);
  });

  it("is granted under the terms that its price was sold with", async () => {
    const userId = await fixture.signUp();
    const { id: price } = await fixture.billing.stripe.prices.create({
      product: "qiflow_plus",
      currency: "usd",
      unit_amount: 400,
      recurring: { interval: "month" },
    });
    const terms = { currency: "usd", amount: 400, version: 1, tier: 1, credits: 200 } as const;
    const plan = { item: "plus-monthly", kind: "subscription", owner: "plus" } as const;
    const former = {
      ...terms,
      ...plan,
      interval: "month",
      trialDays: 7,
      trialCredits: 25,
    } as const;
    await fixture.db.insert(catalogPrice).values({ priceId: price, ...former, createdAt: now() });
    const sessionId = await fixture.openForeignSession({
      mode: "subscription",
      customer: await ensureCustomer(fixture.billing, userId),
      line_items: [{ price, quantity: 2 }],
      subscription_data: { trial_period_days: 7 },
    });
    await fixture.control.pay(sessionId);
    expect(await granted(userId)).toEqual([50]);
  });
});

/** A page like ours that could not be closed in time, because it is being paid in another tab. */
async function openSecondPage(userId: string): Promise<string> {
  const metadata = { userId, trialDays: "14" };
  return fixture.openForeignSession({
    mode: "subscription",
    customer: await ensureCustomer(fixture.billing, userId),
    line_items: [{ price: await fixture.priceOf("plus-yearly"), quantity: 1 }],
    metadata,
    subscription_data: { metadata, trial_period_days: 14 },
  });
}

describe("the events of a trial", () => {
  type Events = ReturnType<typeof fixture.control.listEvents>;
  const inOrder = async (events: Events) => {
    for (const event of events) expect((await fixture.deliver(event)).status).toBe(200);
  };
  const atOnce = async (events: Events) => {
    const all = [...events, ...events, ...events];
    const responses = await Promise.all(all.map((event) => fixture.deliver(event)));
    await inOrder(all.filter((_, n) => responses[n]?.status !== 200));
  };

  it.each<[string, (events: Events) => Promise<void>]>([
    ["in order", inOrder],
    ["in reverse", (events) => inOrder([...events].reverse())],
    ["all at once, three times each", atOnce],
  ])("grant the lot and the first month once when they arrive %s", async (_way, deliver) => {
    const userId = await fixture.signUp();
    const first = fixture.control.listEvents().length;
    await fixture.control.setDeliveryMode("drop");
    const sessionId = await fixture.buy(userId, "plus-monthly");
    const started = fixture.control.listEvents().slice(first);
    const handledOf = (events: Events) =>
      events.filter(({ type }) => new Set<string>(HANDLED_EVENT_TYPES).has(type));
    await deliver(handledOf(started));
    expect(await granted(userId)).toEqual([60]);
    const conversion = fixture.control.listEvents().length;
    await convert();
    await deliver(handledOf(fixture.control.listEvents().slice(conversion)));
    expect(await granted(userId)).toEqual([60, 300]);
    const twins = handledOf(fixture.control.listEvents().slice(first)).map((event) => ({
      ...event,
      id: `${event.id}_twin`,
    }));
    await deliver(twins);
    expect(await granted(userId)).toEqual([60, 300]);
    expect(await trialEmails(userId)).toHaveLength(1);
    expect(await sessionMetadata(sessionId)).toMatchObject({ trialDays: "14" });
  });

  it("grant no lot that has expired when they arrive after the trial", async () => {
    const userId = await fixture.signUp();
    const first = fixture.control.listEvents().length;
    await fixture.control.setDeliveryMode("drop");
    await fixture.buy(userId, "plus-monthly");
    await convert();
    await inOrder(
      fixture.control
        .listEvents()
        .slice(first)
        .filter(({ type }) => type === "invoice.paid"),
    );
    expect(await granted(userId)).toEqual([300]);
    expect(await fixture.db.select().from(trial).where(eq(trial.userId, userId))).toMatchObject([
      { credits: 0 },
    ]);
  });
});

describe("a second trial", () => {
  it("is not offered: the next subscription is charged at once", async () => {
    const { userId, id } = await startTrial();
    await fixture.control.cancelSubscription(id, "now");
    const sessionId = await fixture.buy(userId, "plus-yearly");
    expect(await sessionMetadata(sessionId)).not.toHaveProperty("trialDays");
    expect(await granted(userId)).toEqual([60, 300]);
    expect(await fixture.payments(userId)).toMatchObject([{ amountCents: 5000 }]);
  });

  it("is not offered before the first one's events arrive", async () => {
    const userId = await fixture.signUp();
    await fixture.control.setDeliveryMode("drop");
    const id = await fixture.subscriptionOf(await fixture.buy(userId, "plus-monthly"));
    await fixture.control.cancelSubscription(id, "now");
    const sessionId = await fixture.openCheckout(userId, "plus-monthly");
    expect(await sessionMetadata(sessionId)).not.toHaveProperty("trialDays");
  });

  it("is not offered to another account of the same Stripe customer", async () => {
    const { userId } = await startTrial();
    const [had] = await fixture.db.select().from(trial).where(eq(trial.userId, userId));
    const other = await fixture.signUp();
    const customerId = await ensureCustomer(fixture.billing, other);
    await fixture.db.update(trial).set({ customerId }).where(eq(trial.userId, userId));
    const sessionId = await fixture.openCheckout(other, "plus-monthly");
    expect(await sessionMetadata(sessionId)).not.toHaveProperty("trialDays");
    expect(had?.customerId).not.toBe(customerId);
  });

  it("opens one page when two tabs start it at once", async () => {
    const userId = await fixture.signUp();
    const pages = await Promise.all(
      [1, 2, 3].map(() => fixture.openCheckout(userId, "plus-monthly")),
    );
    expect(new Set(pages).size).toBe(1);
  });

  it("is not opened when the first one starts while its page is being created", async () => {
    const { userId } = await startTrial();
    const [row] = await fixture.db.delete(trial).where(eq(trial.userId, userId)).returning();
    const other = await fixture.signUp();
    const { sessions } = fixture.billing.stripe.checkout;
    const create = vi.spyOn(sessions, "create").mockImplementationOnce(async (...call) => {
      create.mockRestore();
      const used = { ...(row ?? expect.fail("no trial")), userId: other };
      const session = await sessions.create(...call);
      await fixture.db.insert(trial).values(used);
      return session;
    });
    const sessionId = await fixture.openCheckout(other, "plus-monthly");
    expect(await sessionMetadata(sessionId)).not.toHaveProperty("trialDays");
    const customer = await ensureCustomer(fixture.billing, other);
    const { data } = await sessions.list({ customer });
    expect(data.map(({ status }) => status)).toEqual(["open", "expired"]);
  });

  it.each(["in order", "in reverse"])(
    "is cancelled like any second subscription when two open pages are paid (%s)",
    async (order) => {
      const userId = await fixture.signUp();
      const first = await fixture.openCheckout(userId, "plus-monthly");
      const second = await openSecondPage(userId);
      await fixture.control.setDeliveryMode("drop");
      await fixture.control.pay(first);
      await fixture.control.advanceClock({ ms: 1000 });
      await fixture.control.pay(second);
      const paid = fixture.control.listEvents("invoice.paid").slice(-2);
      await fixture.control.setDeliveryMode("normal");
      for (const event of order === "in order" ? paid : [...paid].reverse()) {
        expect((await fixture.deliver(event)).status).toBe(200);
      }
      await fixture.deliverCalls();
      expect(await granted(userId)).toEqual([60]);
      const states = await Promise.all(
        [first, second].map(async (page) => subscriptionAt(await fixture.subscriptionOf(page))),
      );
      expect(states.map(({ status }) => status)).toEqual(["trialing", "canceled"]);
      expect(await trialLot(userId)).toMatchObject({ source: `trial:${states[0]?.id}` });
    },
  );

  it("is cancelled without a lot when its page was open before the first one ended", async () => {
    const userId = await fixture.signUp();
    const first = await fixture.openCheckout(userId, "plus-monthly");
    const second = await openSecondPage(userId);
    await fixture.control.pay(first);
    await fixture.control.cancelSubscription(await fixture.subscriptionOf(first), "now");
    await fixture.control.pay(second);
    await fixture.deliverCalls();
    const state = await subscriptionAt(await fixture.subscriptionOf(second));
    expect(state.status).toBe("canceled");
    expect(await granted(userId)).toEqual([60]);
    expect(await fixture.payments(userId)).toMatchObject([{ amountCents: 0, refusal: "second" }]);
    expect(await trialEmails(userId)).toMatchObject([
      { props: { event: "started" } },
      { props: { event: "refused", amountCents: null } },
    ]);
    await convert();
    expect(await granted(userId)).toEqual([60]);
  });
});

describe("the end of a trial", () => {
  it("charges nothing when the trial was cancelled, and the lot lasts until then", async () => {
    const { userId, id } = await startTrial();
    await fixture.control.cancelSubscription(id, "period end");
    const shown = await membership(userId);
    expect(shown).toMatchObject({ status: "trialing", renewsAt: null, cancelAt: shown.until });
    expect(shown.trial).toMatchObject({ firstCharge: null });
    expect(await fixture.available(userId)).toBe(72);
    await convert();
    expect(await membership(userId)).toMatchObject({ plan: "guest", status: "none" });
    expect(await fixture.available(userId)).toBe(5);
    expect(await fixture.payments(userId)).toEqual([]);
    expect(await trialEmails(userId)).toHaveLength(1);
  });

  it("expires the rest of the lot at once when the subscription is cancelled at once", async () => {
    const { userId, id } = await startTrial();
    await fixture.control.cancelSubscription(id, "now");
    expect(await fixture.available(userId)).toBe(12);
    expect(await membership(userId)).toMatchObject({ plan: "guest", trial: null });
  });

  it("moves the lot with it when Stripe extends the trial", async () => {
    const { userId, id } = await startTrial();
    const { trial_end } = await subscriptionAt(id);
    const later = (trial_end ?? 0) + 7 * 86_400;
    await fixture.billing.stripe.subscriptions.update(id, { trial_end: later });
    await fixture.control.settled();
    expect(await trialLot(userId)).toMatchObject({ expiresAt: new Date(later * 1000) });
    await fixture.control.advanceClock({ days: 20 });
    expect(await granted(userId)).toEqual([60]);
    expect((await trialLot(userId))?.remaining).toBe(60);
    await fixture.control.advanceClock({ days: 1, ms: 2 * millisecondsInHour });
    expect(await granted(userId)).toEqual([60, 300]);
  });

  it("charges and grants the month at once when Stripe ends the trial early", async () => {
    const { userId, id } = await startTrial();
    await fixture.billing.stripe.subscriptions.update(id, { trial_end: "now" });
    await fixture.control.settled();
    expect(await granted(userId)).toEqual([60, 300]);
    expect(await fixture.available(userId)).toBe(312);
    expect(await fixture.payments(userId)).toMatchObject([{ amountCents: 500 }]);
  });

  it("is brought forward by a switch in the portal, which grants only what the new plan's payment buys", async () => {
    const { userId, id } = await startTrial();
    await fixture.control.advanceClock({ days: 3 });
    await fixture.control.switchPlan(id, await fixture.priceOf("max-monthly"));
    expect(await granted(userId)).toEqual([60, 3000]);
    expect(await fixture.available(userId)).toBe(3012);
    expect(await fixture.payments(userId)).toMatchObject([{ amountCents: 2900 }]);
    expect(await membership(userId)).toMatchObject({ plan: "max-monthly", trial: null });
  });

  it("grants the new plan's month alone when the price was changed within the trial", async () => {
    const { userId, id } = await startTrial();
    const { items } = await subscriptionAt(id);
    const price = await fixture.priceOf("max-monthly");
    const changed = [{ id: items.data[0]?.id ?? "", price }];
    await fixture.billing.stripe.subscriptions.update(id, { items: changed });
    await fixture.control.settled();
    expect(await membership(userId)).toMatchObject({
      plan: "max-monthly",
      trial: { firstCharge: { amountCents: 2900 } },
    });
    expect(await granted(userId)).toEqual([60]);
    await convert();
    expect(await granted(userId)).toEqual([60, 3000]);
  });

  it("grants nothing when the first payment fails, and the month once when it is paid later", async () => {
    const { userId, id } = await startTrial();
    fixture.control.failNextPayment(id);
    await convert();
    expect(await granted(userId)).toEqual([60]);
    expect(await fixture.available(userId)).toBe(5);
    expect(await membership(userId)).toMatchObject({ plan: "guest", status: "past_due" });
    await fixture.control.advanceClock({ days: 3, ms: 2 * millisecondsInHour });
    expect(await granted(userId)).toEqual([60, 300]);
    expect(await membership(userId)).toMatchObject({ plan: "plus-monthly", status: "active" });
  });

  it("charges nothing when a plan that is paid once was bought within the trial", async () => {
    const { userId } = await startTrial();
    await fixture.buy(userId, "founder");
    await fixture.deliverCalls();
    await convert();
    expect(await granted(userId)).toEqual([60, 3000]);
    expect(await fixture.payments(userId)).toMatchObject([{ item: "founder" }]);
  });

  it("charges nothing after the account's deletion", async () => {
    const { userId, id } = await startTrial();
    await deleteAccount(fixture.db, { userId, now: now() });
    await fixture.deliverCalls();
    expect(await subscriptionAt(id)).toMatchObject({ status: "canceled" });
    await convert();
    expect(await granted(userId)).toEqual([60]);
    expect(await fixture.payments(userId)).toEqual([]);
  });

  it("is cancelled when the account was deleted before its first event arrives", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.openCheckout(userId, "plus-monthly");
    await fixture.control.setDeliveryMode("delay");
    await fixture.control.pay(sessionId);
    await deleteAccount(fixture.db, { userId, now: now() });
    await fixture.control.setDeliveryMode("normal");
    await fixture.deliverCalls();
    expect(await granted(userId)).toEqual([]);
    expect(await subscriptionAt(await fixture.subscriptionOf(sessionId))).toMatchObject({
      status: "canceled",
    });
  });

  it.each(["refund", "dispute"] as const)(
    "leaves a spent lot alone when a %s returns the first payment",
    async (way) => {
      const { userId } = await startTrial();
      await convert();
      const [paid] = await fixture.payments(userId);
      const intent = paid?.paymentIntentId ?? "";
      if (way === "refund") await fixture.control.refund(intent);
      else await fixture.control.loseDispute((await fixture.control.dispute(intent)).id);
      await fixture.deliverCalls();
      expect(await fixture.granted(userId)).toBe(60);
      expect(await fixture.available(userId)).toBe(5);
      expect(await membership(userId)).toMatchObject({ plan: "guest" });
    },
  );
});

describe("the announcement of a trial's end", () => {
  it("is emailed once, three days before, with the amount and the date of the first charge", async () => {
    const { userId } = await startTrial();
    const { until } = await membership(userId);
    await fixture.control.advanceClock({ days: 10 });
    expect(await trialEmails(userId)).toHaveLength(1);
    await fixture.control.advanceClock({ days: 1 });
    const ending = {
      event: "ending",
      amountCents: 500,
      currency: "usd",
      endsAt: until?.toISOString(),
    };
    expect(await trialEmails(userId)).toMatchObject([{}, { template: "trial", props: ending }]);
    const event = fixture.latest("customer.subscription.trial_will_end");
    await fixture.deliver({ ...event, id: `${event.id}_twin` });
    expect(await trialEmails(userId)).toHaveLength(2);
  });

  it("is emailed again when the trial was extended, with the new date", async () => {
    const { userId, id } = await startTrial();
    await fixture.control.advanceClock({ days: 12 });
    const extendedTo = addDays((await membership(userId)).until ?? now(), 10);
    const trial_end = extendedTo.getTime() / 1000;
    await fixture.billing.stripe.subscriptions.update(id, { trial_end });
    await fixture.control.advanceClock({ days: 10 });
    const emails = await trialEmails(userId);
    expect(emails).toHaveLength(3);
    expect(emails.at(-1)).toMatchObject({ props: { endsAt: extendedTo.toISOString() } });
  });

  it("is not emailed when it arrives after the trial", async () => {
    const { userId } = await startTrial();
    await fixture.control.setDeliveryMode("drop");
    await convert();
    const event = fixture.latest("customer.subscription.trial_will_end");
    expect((await fixture.deliver(event)).status).toBe(200);
    expect(await trialEmails(userId)).toHaveLength(1);
  });
});
