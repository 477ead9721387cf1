import { addDays } from "date-fns";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openPortal } from "@/billing/checkout/open-portal";
import { getMembership, listSubscriptions } from "@/billing/queries";
import { fetchSubscription, syncSubscription } from "@/billing/subscriptions/sync-subscription";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { now } from "@/lib/clock";
import { monthsAfter } from "@/lib/utc-period";
import { BillingFixture } from "./billing-fixture";

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

async function subscribe(userId: string, item: "pro-monthly" | "pro-yearly") {
  return fixture.subscriptionOf(await fixture.buy(userId, item));
}

const distribute = () =>
  distributeCredits(fixture.db, { now: now(), deadlineMs: Number.POSITIVE_INFINITY });

/** The yearly schedules of a user, by their beginning. */
async function schedules(userId: string) {
  const rows = await fixture.database.ownerSql<
    { next_n: number; next_due_at: Date | null; ends_at: Date; ended: boolean }[]
  >`select next_n, next_due_at, ends_at, ended_at is not null as ended from credit_schedule
    where user_id = ${userId} and kind = 'yearly' order by anchor_at`;
  return rows;
}

describe("a renewal", () => {
  it("grants a month a paid invoice, and the new period alone grants nothing", async () => {
    const userId = await fixture.signUp();
    await subscribe(userId, "pro-monthly");
    await fixture.control.advanceClock({ months: 1, ms: 60_000 });
    expect((await fixture.inbox("customer.subscription.updated")).length).toBeGreaterThan(0);
    expect(await fixture.granted(userId)).toBe(1000);
    await fixture.control.advanceClock({ ms: 2 * 3_600_000 });
    const grants = (await fixture.booked(userId)).filter(({ type }) => type !== "EXPIRE");
    expect(grants.map(({ amount }) => amount)).toEqual([1000, 1000]);
    expect(await membership(userId)).toMatchObject({ plan: "pro-monthly", status: "active" });
  });

  it("whose invoice has more lines than Stripe shows at once grants its month", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-monthly");
    for (const quantity of [2, 1, 2, 1, 2, 1]) {
      const how = { quantity, proration: "create_prorations" } as const;
      await fixture.control.switchPlan(id, "price_pro_monthly", how);
    }
    await fixture.control.advanceClock({ months: 1, ms: 2 * 3_600_000 });
    const { data } = await fixture.billing.stripe.invoices.list({ subscription: id, limit: 1 });
    expect(data[0]?.lines).toMatchObject({ has_more: true });
    expect(
      data[0]?.lines.data.map((line) => line.parent?.subscription_item_details?.proration),
    ).toEqual(Array(10).fill(true));
    expect(await fixture.allotments(userId)).toHaveLength(2);
    expect(await membership(userId)).toMatchObject({ plan: "pro-monthly", status: "active" });
  });

  it("that fails tells the person, and grants once when it is paid days later", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-monthly");
    fixture.control.failNextPayment(id);
    await fixture.control.advanceClock({ months: 1, ms: 2 * 3_600_000 });
    expect(await fixture.granted(userId)).toBe(1000);
    expect(await membership(userId)).toMatchObject({ plan: "free", status: "past_due" });
    const mails = await fixture.mails(userId);
    expect(mails.filter((key) => key.includes("payment-failed"))).toHaveLength(1);
    await fixture.control.advanceClock({ days: 8 });
    expect(await fixture.granted(userId)).toBe(2000);
    expect(await membership(userId)).toMatchObject({ plan: "pro-monthly", status: "active" });
  });

  it("that fails for good ends access", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-monthly");
    fixture.control.failNextPayment(id, 20);
    await fixture.control.advanceClock({ months: 2 });
    expect(await fixture.granted(userId)).toBe(1000);
    const [ended] = await listSubscriptions(fixture.db, { userId });
    expect(["canceled", "unpaid"]).toContain(ended?.status);
    expect(await membership(userId)).toMatchObject({ plan: "free", renewsAt: null });
  });

  it("of a year that fails for good ends the year's schedule with its last month", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-yearly");
    fixture.control.failNextPayment(id, 20);
    await fixture.control.advanceClock({ years: 1, ms: 2 * 3_600_000 });
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

  it("of a year opens the next year's schedule", async () => {
    const userId = await fixture.signUp();
    await subscribe(userId, "pro-yearly");
    await fixture.control.advanceClock({ years: 1, ms: 2 * 3_600_000 });
    expect(await fixture.granted(userId)).toBe(2000);
    expect(await schedules(userId)).toHaveLength(2);
  });

  it("while collection is paused grants nothing", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-monthly");
    await fixture.billing.stripe.subscriptions.update(id, {
      pause_collection: { behavior: "void" },
    });
    await fixture.control.advanceClock({ months: 1, ms: 2 * 3_600_000 });
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
    await fixture.control.advanceClock({ days: 7, ms: 2 * 3_600_000 });
    expect(await fixture.granted(userId)).toBe(1100);
    expect(await membership(userId)).toMatchObject({ plan: "pro-monthly", status: "active" });
  });
});

describe("an end", () => {
  it("asked for at the period's end is shown, keeps access till then, and can be taken back", async () => {
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

  it("by the older field is read as well", async () => {
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

  it("at the period's end comes, once", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-monthly");
    await fixture.control.cancelSubscription(id, "period end");
    await fixture.control.advanceClock({ months: 1, ms: 2 * 3_600_000 });
    expect(await membership(userId)).toMatchObject({ plan: "free", status: "none" });
    expect(await fixture.granted(userId)).toBe(1000);
  });

  it("now cuts the paid time and ends the schedule", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-yearly");
    await fixture.control.advanceClock({ days: 10 });
    await fixture.control.cancelSubscription(id, "now");
    expect(await membership(userId)).toMatchObject({ plan: "free" });
    expect((await schedules(userId))[0]).toMatchObject({ ended: true, next_due_at: null });
  });

  it("by deleting the customer ends access, and the next purchase makes a new customer", async () => {
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

  it("by deleting the customer lets late and repeated events pass with 200", async () => {
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

  it("is final: a late update changes nothing, whatever it was fetched from", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-monthly");
    const [created] = fixture.control.listEvents("customer.subscription.created").slice(-1);
    await fixture.control.cancelSubscription(id, "now");
    expect(await membership(userId)).toMatchObject({ plan: "free", status: "none" });
    if (created === undefined) throw new Error("nothing was created");
    await fixture.deliver({ ...created, id: "evt_late", type: "customer.subscription.updated" });
    expect(await membership(userId)).toMatchObject({ plan: "free", status: "none" });
    const state = await fixture.billing.stripe.subscriptions.retrieve(id);
    const revived = { ...state, status: "active" as const, ended_at: null, canceled_at: null };
    await fixture.db.transaction((tx) =>
      syncSubscription(tx, fixture.billing, {
        subscription: revived,
        fetchedAt: addDays(now(), 1),
        userId,
        deletedAt: null,
      }),
    );
    expect((await listSubscriptions(fixture.db, { userId }))[0]?.status).toBe("canceled");
  });

  it("of an old subscription, told late, leaves the new one alone", async () => {
    const userId = await fixture.signUp();
    const old = await subscribe(userId, "pro-yearly");
    await fixture.control.setDeliveryMode("drop");
    await fixture.control.cancelSubscription(old, "now");
    await fixture.control.setDeliveryMode("normal");
    const [ended] = fixture.control.listEvents("customer.subscription.deleted").slice(-1);
    if (ended === undefined) throw new Error("nothing ended");
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

describe("a fetched state", () => {
  it("that is older never overwrites a newer one, and is asked for again", async () => {
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

describe("a switch of plans", () => {
  it("to a year in mid-month grants nothing now; the schedule begins when the month ends", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-monthly");
    const monthEndsAt = (await membership(userId)).until;
    await fixture.control.advanceClock({ days: 10 });
    await fixture.control.switchPlan(id, "price_pro_yearly");
    expect(await fixture.granted(userId)).toBe(1000);
    const [year, ...others] = await schedules(userId);
    expect(others).toEqual([]);
    expect(year?.next_due_at).toEqual(monthEndsAt);
    expect(await membership(userId)).toMatchObject({ plan: "pro-yearly", status: "active" });
  });

  it("told in the wrong order comes to the same", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.openCheckout(userId, "pro-monthly");
    await fixture.control.setDeliveryMode("drop");
    await fixture.control.pay(sessionId);
    await fixture.control.advanceClock({ days: 10 });
    await fixture.control.switchPlan(await fixture.subscriptionOf(sessionId), "price_pro_yearly");
    const [bought, switched] = fixture.control.listEvents("invoice.paid").slice(-2);
    if (bought === undefined || switched === undefined) throw new Error("two invoices are paid");
    await fixture.deliver(switched);
    await fixture.deliver(bought);
    expect(await fixture.granted(userId)).toBe(1000);
    const [year] = await schedules(userId);
    const [first] = await fixture.payments(userId);
    expect(first?.item).toBe("pro-monthly");
    expect(year?.next_due_at?.getTime()).toBeGreaterThan(now().getTime());
  });

  it("to and fro never makes an extra allotment, and leaves one schedule", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-monthly");
    for (const price of ["price_pro_yearly", "price_pro_monthly", "price_pro_yearly"]) {
      await fixture.control.advanceClock({ days: 2 });
      await fixture.control.switchPlan(id, price);
    }
    expect(await fixture.granted(userId)).toBe(1000);
    const open = (await schedules(userId)).filter(({ ended }) => !ended);
    expect(open).toHaveLength(1);
    await fixture.control.switchPlan(id, "price_pro_monthly");
    expect((await schedules(userId)).filter(({ ended }) => !ended)).toEqual([]);
    expect(await fixture.granted(userId)).toBe(1000);
    expect(await membership(userId)).toMatchObject({ plan: "pro-monthly" });
  });

  it("down to a month in mid-year, a negative invoice, takes and grants nothing", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-yearly");
    await fixture.control.advanceClock({ days: 5 });
    await fixture.control.switchPlan(id, "price_pro_monthly");
    expect(await fixture.granted(userId)).toBe(1000);
    const payments = await fixture.payments(userId);
    expect(payments.map(({ amountCents }) => amountCents >= 0)).not.toContain(false);
    await fixture.control.advanceClock({ months: 1, ms: 2 * 3_600_000 });
    expect((await fixture.booked(userId)).filter(({ amount }) => amount > 0)).toHaveLength(2);
  });
});

describe("a downgrade in the portal", () => {
  it("waits for the year's end, then grants by the month", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-yearly");
    const yearEnds = (await membership(userId)).until;
    const { url } = await openPortal(fixture.billing, { userId });
    const form = { action: "switch", subscription: id, price: "price_pro_monthly" };
    const pressed = await fetch(url, { method: "POST", body: new URLSearchParams(form) });
    expect(await pressed.text()).toContain('data-testid="planned"');
    await fixture.control.settled();
    expect(await membership(userId)).toMatchObject({ plan: "pro-yearly", renewsAt: yearEnds });
    expect(await schedules(userId)).toMatchObject([{ ended: false }]);
    expect(await fixture.granted(userId)).toBe(1000);
    await fixture.control.advanceClock({ years: 1, ms: 2 * 3_600_000 });
    await distribute();
    const shown = await membership(userId);
    expect(shown).toMatchObject({ plan: "pro-monthly", status: "active", since: expect.any(Date) });
    expect(shown.renewsAt).toEqual(monthsAfter(yearEnds ?? now(), 1));
    expect(await schedules(userId)).toMatchObject([{ next_due_at: null }]);
    expect(await fixture.allotments(userId)).toHaveLength(13);
    await fixture.control.advanceClock({ months: 1 });
    expect(await fixture.allotments(userId)).toHaveLength(14);
  });
});

describe("events in any order", () => {
  it.each([1, 2, 3])("come to the same end (shuffle %i)", async () => {
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
