import { addDays } from "date-fns";
import { millisecondsInHour } from "date-fns/constants";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { getMembership, listSubscriptions, shownPlan } from "@/billing/queries";
import { fetchSubscription, syncSubscription } from "@/billing/subscriptions/sync-subscription";
import { distributeCredits } from "@/ledger/distribution/distribute";
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

const AWAITS_PAYMENT = { plan: "pro-monthly", reason: "payment", terms: { credits: 1000 } };
const membership = (userId: string) => getMembership(fixture.db, { userId, at: now() });

async function subscribe(userId: string, item: "pro-monthly" | "pro-yearly") {
  return fixture.subscriptionOf(await fixture.buy(userId, item));
}

const distribute = () =>
  distributeCredits(fixture.db, { now: now(), deadlineMs: Number.POSITIVE_INFINITY });

/** A user's yearly schedules by anchor. */
async function schedules(userId: string) {
  const rows = await fixture.database.ownerSql<
    { next_n: number; next_due_at: Date | null; ends_at: Date; ended: boolean }[]
  >`select next_n, next_due_at, ends_at, ended_at is not null as ended from credit_schedule
    where user_id = ${userId} and kind = 'yearly' order by anchor_at`;
  return rows;
}

describe("a renewal", () => {
  it("grants a month per paid invoice and nothing for a new period alone", async () => {
    const userId = await fixture.signUp();
    await subscribe(userId, "pro-monthly");
    await fixture.control.advanceClock({ months: 1, ms: 60_000 });
    expect((await fixture.inbox("customer.subscription.updated")).length).toBeGreaterThan(0);
    expect(await fixture.granted(userId)).toBe(1000);
    const waiting = await membership(userId);
    expect(waiting).toMatchObject({ plan: "free", status: "active", unpaid: AWAITS_PAYMENT });
    expect(shownPlan(waiting)).toBe("pro-monthly");
    expect(waiting.renewsAt?.getTime()).toBeGreaterThan(now().getTime());
    await fixture.control.advanceClock({ ms: 2 * millisecondsInHour });
    const grants = (await fixture.booked(userId)).filter(({ type }) => type !== "EXPIRE");
    expect(grants.map(({ amount }) => amount)).toEqual([1000, 1000]);
    expect(await membership(userId)).toMatchObject({ plan: "pro-monthly", status: "active" });
  });

  it("grants its month when the invoice has more than one page of lines", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-monthly");
    for (const quantity of [2, 1, 2, 1, 2, 1]) {
      const how = { quantity, proration: "create_prorations" } as const;
      await fixture.control.switchPlan(id, "price_pro_monthly", how);
    }
    await fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });
    const { data } = await fixture.billing.stripe.invoices.list({ subscription: id, limit: 1 });
    expect(data[0]?.lines).toMatchObject({ has_more: true });
    expect(
      data[0]?.lines.data.map((line) => line.parent?.subscription_item_details?.proration),
    ).toEqual(Array(10).fill(true));
    expect(await fixture.allotments(userId)).toHaveLength(2);
    expect(await membership(userId)).toMatchObject({ plan: "pro-monthly", status: "active" });
  });

  it("emails the user when it fails and grants once when it is paid days later", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-monthly");
    fixture.control.failNextPayment(id);
    await fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });
    expect(await fixture.granted(userId)).toBe(1000);
    const pastDue = { plan: "free", status: "past_due", unpaid: AWAITS_PAYMENT };
    expect(await membership(userId)).toMatchObject(pastDue);
    const emails = await fixture.emails(userId);
    expect(emails.filter((key) => key.includes("payment-failed"))).toHaveLength(1);
    await fixture.control.advanceClock({ days: 8 });
    expect(await fixture.granted(userId)).toBe(2000);
    expect(await membership(userId)).toMatchObject({ plan: "pro-monthly", status: "active" });
  });

  it("ends access when every retry fails", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-monthly");
    fixture.control.failNextPayment(id, 20);
    await fixture.control.advanceClock({ months: 2 });
    expect(await fixture.granted(userId)).toBe(1000);
    const [ended] = await listSubscriptions(fixture.db, { userId });
    expect(["canceled", "unpaid"]).toContain(ended?.status);
    expect(await membership(userId)).toMatchObject({ plan: "free", renewsAt: null });
  });

  it("ends a year's schedule with its last month when every retry fails", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-yearly");
    fixture.control.failNextPayment(id, 20);
    await fixture.control.advanceClock({ years: 1, ms: 2 * millisecondsInHour });
    expect(await schedules(userId)).toMatchObject([{ ended: false }]);
    await fixture.control.advanceClock({ months: 1 });
    await distribute();
    expect(await membership(userId)).toMatchObject({ plan: "free", status: "none" });
    expect(await schedules(userId)).toMatchObject([{ ended: true, next_due_at: null }]);
    const months = (await fixture.allotments(userId)).length;
    await fixture.control.advanceClock({ months: 3 });
    await distribute();
    expect([months, (await fixture.allotments(userId)).length]).toEqual([12, 12]);
  });

  it("opens the next year's schedule", async () => {
    const userId = await fixture.signUp();
    await subscribe(userId, "pro-yearly");
    await fixture.control.advanceClock({ years: 1, ms: 2 * millisecondsInHour });
    expect(await fixture.granted(userId)).toBe(2000);
    expect(await schedules(userId)).toHaveLength(2);
  });

  it("grants nothing while collection is paused", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-monthly");
    await fixture.billing.stripe.subscriptions.update(id, {
      pause_collection: { behavior: "void" },
    });
    await fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });
    expect(await fixture.granted(userId)).toBe(1000);
  });
});

describe("a trial", () => {
  it("grants nothing until its first paid period", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-basic");
    const [paid] = await fixture.payments(userId);
    const known = await fixture.billing.stripe.checkout.sessions.retrieve(
      paid?.id.replace("checkout:", "") ?? "",
    );
    const sessionId = await fixture.openForeignSession({
      mode: "subscription",
      customer: String(known.customer),
      line_items: [{ price: "price_pro_monthly", quantity: 1 }],
      subscription_data: { trial_period_days: 7 },
    });
    await fixture.control.pay(sessionId);
    expect(await fixture.granted(userId)).toBe(100);
    expect(await membership(userId)).toMatchObject({ plan: "pro-monthly", status: "trialing" });
    await fixture.control.advanceClock({ days: 7, ms: 2 * millisecondsInHour });
    expect(await fixture.granted(userId)).toBe(1100);
    expect(await membership(userId)).toMatchObject({ plan: "pro-monthly", status: "active" });
  });
});

describe("the end of a subscription", () => {
  it("is shown when scheduled, keeps access until then and can be undone", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-yearly");
    await fixture.control.cancelSubscription(id, "period end");
    const cancelled = await membership(userId);
    expect(cancelled).toMatchObject({ plan: "pro-yearly", status: "active", renewsAt: null });
    expect(cancelled.cancelAt).toEqual(cancelled.until);
    expect((await schedules(userId))[0]).toMatchObject({ ended: false });
    await fixture.control.resumeSubscription(id);
    expect(await membership(userId)).toMatchObject({ cancelAt: null });
    expect((await membership(userId)).renewsAt).not.toBeNull();
  });

  it("is read from cancel_at_period_end as well", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-monthly");
    await fixture.billing.stripe.subscriptions.update(id, { cancel_at_period_end: true });
    await fixture.control.settled();
    const shown = await membership(userId);
    expect(shown).toMatchObject({ plan: "pro-monthly", renewsAt: null, cancelAt: shown.until });
    expect((await listSubscriptions(fixture.db, { userId }))[0]?.cancelAtPeriodEnd).toBe(true);
    const fetched = await fetchSubscription(fixture.billing, id);
    const older = { ...fetched.subscription, cancel_at: null };
    await fixture.db.transaction((tx) =>
      syncSubscription(tx, fixture.billing, {
        ...fetched,
        subscription: older,
        userId,
        deletedAt: null,
      }),
    );
    expect(await membership(userId)).toEqual(shown);
    await fixture.billing.stripe.subscriptions.update(id, { cancel_at_period_end: false });
    await fixture.control.settled();
    expect(await membership(userId)).toMatchObject({ renewsAt: shown.until, cancelAt: null });
  });

  it("happens once, at the period's end", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-monthly");
    await fixture.control.cancelSubscription(id, "period end");
    await fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });
    expect(await membership(userId)).toMatchObject({ plan: "free", status: "none" });
    expect(await fixture.granted(userId)).toBe(1000);
  });

  it("shortens the paid period and ends the schedule when it is immediate", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-yearly");
    await fixture.control.advanceClock({ days: 10 });
    await fixture.control.cancelSubscription(id, "now");
    expect(await membership(userId)).toMatchObject({ plan: "free" });
    expect((await schedules(userId))[0]).toMatchObject({ ended: true, next_due_at: null });
  });

  it("ends access when the customer is deleted; the next purchase creates a new customer", async () => {
    const userId = await fixture.signUp();
    await subscribe(userId, "pro-yearly");
    const [mine] = await listSubscriptions(fixture.db, { userId });
    await fixture.control.deleteCustomer(mine?.customerId ?? "");
    expect(await membership(userId)).toMatchObject({ plan: "free" });
    expect((await schedules(userId))[0]).toMatchObject({ ended: true });
    const statuses = await fixture.inbox("customer.deleted");
    expect(statuses.map(({ status }) => status)).toEqual(["handled"]);
    await fixture.buy(userId, "pack-basic");
    expect(await fixture.granted(userId)).toBe(1100);
  });

  it("accepts late and repeated events of a deleted customer with 200", async () => {
    const userId = await fixture.signUp();
    await subscribe(userId, "pro-monthly");
    const [mine] = await listSubscriptions(fixture.db, { userId });
    await fixture.control.deleteCustomer(mine?.customerId ?? "");
    const events = fixture.control.listEvents().slice(-12);
    for (const event of events) {
      const again = { ...event, id: `${event.id}_late` };
      expect((await fixture.deliver(again)).status, event.type).toBe(200);
      expect((await fixture.event(again.id))?.status, event.type).not.toBe("dead");
    }
    expect(await fixture.granted(userId)).toBe(1000);
    expect(await membership(userId)).toMatchObject({ plan: "free" });
  });

  it("is final: a late update changes nothing", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-monthly");
    const [created] = fixture.control.listEvents("customer.subscription.created").slice(-1);
    await fixture.control.cancelSubscription(id, "now");
    expect(await membership(userId)).toMatchObject({ plan: "free", status: "none" });
    if (created === undefined) throw new Error("no subscription was created");
    await fixture.deliver({ ...created, id: "evt_late", type: "customer.subscription.updated" });
    expect(await membership(userId)).toMatchObject({ plan: "free", status: "none" });
    const state = await fixture.billing.stripe.subscriptions.retrieve(id);
    const reactivated = { ...state, status: "active" as const, ended_at: null, canceled_at: null };
    await fixture.db.transaction((tx) =>
      syncSubscription(tx, fixture.billing, {
        subscription: reactivated,
        fetchedAt: addDays(now(), 1),
        unpaidInvoiceIds: [],
        firstChargeCents: null,
        userId,
        deletedAt: null,
      }),
    );
    expect((await listSubscriptions(fixture.db, { userId }))[0]?.status).toBe("canceled");
  });

  it("leaves a new subscription unchanged when the old one's event is late", async () => {
    const userId = await fixture.signUp();
    const old = await subscribe(userId, "pro-yearly");
    await fixture.control.setDeliveryMode("drop");
    await fixture.control.cancelSubscription(old, "now");
    await fixture.control.setDeliveryMode("normal");
    const [ended] = fixture.control.listEvents("customer.subscription.deleted").slice(-1);
    if (ended === undefined) throw new Error("no subscription ended");
    await fixture.control.advanceClock({ ms: 60_000 });
    const fresh = await subscribe(userId, "pro-yearly");
    expect(fresh).not.toBe(old);
    expect((await schedules(userId)).map((row) => row.ended)).toEqual([false, false]);
    expect((await fixture.deliver(ended)).status).toBe(200);
    expect((await schedules(userId)).map((row) => row.ended)).toEqual([true, false]);
    expect(
      (await listSubscriptions(fixture.db, { userId })).map(({ id, status }) => [id, status]),
    ).toEqual([
      [fresh, "active"],
      [old, "canceled"],
    ]);
    expect(await membership(userId)).toMatchObject({ plan: "pro-yearly", status: "active" });
    expect((await membership(userId)).renewsAt).not.toBeNull();
    expect(await fixture.granted(userId)).toBe(2000);
  });
});

describe("syncSubscription", () => {
  it("throws instead of overwriting a newer state with an older one", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-monthly");
    const stale = await fetchSubscription(fixture.billing, id);
    await fixture.control.advanceClock({ ms: 1_000 });
    await fixture.control.cancelSubscription(id, "period end");
    const late = fixture.db.transaction((tx) =>
      syncSubscription(tx, fixture.billing, { ...stale, userId, deletedAt: null }),
    );
    await expect(late).rejects.toThrow(/has changed since/);
    expect((await membership(userId)).cancelAt).not.toBeNull();
  });
});

describe("shuffled events", () => {
  it.each([1, 2, 3])("lead to the same state (run %i)", async () => {
    await fixture.control.setDeliveryMode("shuffle");
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-yearly");
    await fixture.control.cancelSubscription(id, "period end");
    await fixture.control.resumeSubscription(id);
    await fixture.control.settled();
    expect(await fixture.granted(userId)).toBe(1000);
    expect(await schedules(userId)).toHaveLength(1);
    expect(await membership(userId)).toMatchObject({
      plan: "pro-yearly",
      status: "active",
      cancelAt: null,
    });
  });
});
