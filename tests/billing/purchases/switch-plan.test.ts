import { millisecondsInHour } from "date-fns/constants";
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openPortal } from "@/billing/checkout/open-portal";
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

async function schedules(userId: string) {
  return fixture.database.ownerSql<
    { anchor_at: Date; next_due_at: Date | null; ended: boolean }[]
  >`select anchor_at, next_due_at, ended_at is not null as ended from credit_schedule
    where user_id = ${userId} and kind = 'yearly' order by anchor_at`;
}

/** The end of a subscription's first period on its invoice. */
async function firstPeriodEnd(subscription: string): Promise<Date> {
  const { data } = await fixture.billing.stripe.invoices.list({ subscription, limit: 100 });
  return new Date((data.at(-1)?.lines.data[0]?.period.end ?? 0) * 1000);
}

const membership = (userId: string) => getMembership(fixture.db, { userId, at: now() });

async function subscribe(userId: string, item: "pro-monthly" | "pro-yearly") {
  return fixture.subscriptionOf(await fixture.buy(userId, item));
}

describe("a switch of plans", () => {
  it("grants nothing mid-month and starts the year's schedule when the month ends", async () => {
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

  it("has the same result when its events arrive in the wrong order", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.openCheckout(userId, "pro-monthly");
    await fixture.control.setDeliveryMode("drop");
    await fixture.control.pay(sessionId);
    await fixture.control.advanceClock({ days: 10 });
    await fixture.control.switchPlan(await fixture.subscriptionOf(sessionId), "price_pro_yearly");
    const [bought, switched] = fixture.control.listEvents("invoice.paid").slice(-2);
    if (bought === undefined || switched === undefined)
      throw new Error("expected two paid invoices");
    await fixture.deliver(switched);
    await fixture.deliver(bought);
    expect(await fixture.granted(userId)).toBe(1000);
    const [year] = await schedules(userId);
    const [first] = await fixture.payments(userId);
    expect(first?.item).toBe("pro-monthly");
    expect(year?.next_due_at?.getTime()).toBeGreaterThan(now().getTime());
  });

  it.each(["the month", "its refund"])(
    "grants like a new period after the month was refunded in full, before the event of %s arrives",
    async (late) => {
      const userId = await fixture.signUp();
      const sessionId = await fixture.openCheckout(userId, "pro-monthly");
      if (late === "the month") await fixture.control.setDeliveryMode("drop");
      await fixture.control.pay(sessionId);
      const id = await fixture.subscriptionOf(sessionId);
      await fixture.control.setDeliveryMode("drop");
      await fixture.control.advanceClock({ days: 3 });
      const charge = fixture.latest("charge.succeeded").data.object;
      await fixture.control.refund(String(Reflect.get(charge, "id")));
      await fixture.control.switchPlan(id, "price_pro_yearly");
      await fixture.deliver(fixture.latest("invoice.paid"));
      for (const event of fixture.control.listEvents()) await fixture.deliver(event);
      await fixture.deliverCalls();
      expect(await fixture.granted(userId)).toBe(1000);
      expect(await fixture.payments(userId)).toMatchObject([
        { item: "pro-monthly", isReversed: true },
        { item: "pro-yearly", isReversed: false, credits: 1000 },
      ]);
      expect(await membership(userId)).toMatchObject({ plan: "pro-yearly", status: "active" });
    },
  );

  it("keeps the running month when the month is refunded in full afterwards, before the event of the switch arrives", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-monthly");
    const charge = fixture.latest("charge.succeeded").data.object;
    await fixture.control.setDeliveryMode("drop");
    await fixture.control.advanceClock({ days: 3 });
    await fixture.control.switchPlan(id, "price_pro_yearly");
    const switched = fixture.latest("invoice.paid");
    await fixture.control.advanceClock({ days: 1 });
    await fixture.control.refund(String(Reflect.get(charge, "id")));
    await fixture.deliver(fixture.latest("refund.created"));
    await fixture.deliver(switched);
    await fixture.control.setDeliveryMode("normal");
    expect(await fixture.payments(userId)).toMatchObject([
      { item: "pro-monthly", isReversed: true },
      { item: "pro-yearly", isReversed: false, credits: 0 },
    ]);
    expect(await fixture.granted(userId)).toBe(0);
  });

  it("grants no extra allotment when it is repeated back and forth, and leaves one schedule", async () => {
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

  it("grants and revokes nothing for a negative invoice (year to month)", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-yearly");
    await fixture.control.advanceClock({ days: 5 });
    await fixture.control.switchPlan(id, "price_pro_monthly");
    expect(await fixture.granted(userId)).toBe(1000);
    const payments = await fixture.payments(userId);
    expect(payments.map(({ amountCents }) => amountCents >= 0)).not.toContain(false);
    await fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });
    expect((await fixture.booked(userId)).filter(({ amount }) => amount > 0)).toHaveLength(2);
  });
});

describe("a switch to a year", () => {
  it("sends a receipt that says when its credits start", async () => {
    const userId = await fixture.signUp();
    const id = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    const monthEndsAt = await firstPeriodEnd(id);
    await fixture.control.advanceClock({ days: 10 });
    await fixture.control.switchPlan(id, "price_pro_yearly");
    const paid = (await fixture.payments(userId)).at(-1);
    const [receipt] = await fixture.db
      .select()
      .from(outbox)
      .where(eq(outbox.idempotencyKey, `email:purchase:${paid?.id}`));
    expect(receipt?.payload).toMatchObject({
      template: "purchase-received",
      props: {
        item: "pro-yearly",
        credits: 1000,
        amountCents: paid?.amountCents,
        creditsFrom: monthEndsAt.toISOString(),
      },
    });
  });

  it("starts at the month's end even when its event arrives weeks later", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.openCheckout(userId, "pro-monthly");
    await fixture.control.setDeliveryMode("drop");
    await fixture.control.pay(sessionId);
    await fixture.control.advanceClock({ days: 10 });
    const id = await fixture.subscriptionOf(sessionId);
    await fixture.control.switchPlan(id, "price_pro_yearly");
    const event = fixture.latest("invoice.paid");
    await fixture.control.advanceClock({ days: 45 });
    await fixture.control.setDeliveryMode("normal");
    await fixture.deliver(event);
    const [year, ...others] = await schedules(userId);
    expect(year).toMatchObject({ anchor_at: await firstPeriodEnd(id), ended: false });
    expect(others).toEqual([]);
  });

  it("leaves later periods unchanged when it is paid late", async () => {
    const userId = await fixture.signUp();
    const id = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    await fixture.control.advanceClock({ days: 2 });
    fixture.control.failNextPayment(id);
    await fixture.control.switchPlan(id, "price_pro_yearly");
    await fixture.control.advanceClock({ days: 2 });
    await fixture.control.switchPlan(id, "price_pro_monthly");
    const [later] = (await fixture.payments(userId)).slice(-1);
    await fixture.control.advanceClock({ days: 4 });
    const payments = await fixture.payments(userId);
    expect(payments.map(({ item }) => item)).toContain("pro-yearly");
    expect(payments.find(({ id: paid }) => paid === later?.id)).toEqual(later);
    expect(later?.memberUntilAt?.getTime()).toBeGreaterThan(later?.memberFromAt?.getTime() ?? 0);
  });
});

describe("a switch from a year", () => {
  it("grants no second month while one is due but not granted yet", async () => {
    const userId = await fixture.signUp();
    const id = await fixture.subscriptionOf(await fixture.buy(userId, "pro-yearly"));
    await fixture.control.advanceClock({ months: 1, ms: millisecondsInHour });
    await fixture.control.switchPlan(id, "price_pro_monthly");
    await fixture.control.switchPlan(id, "price_pro_yearly");
    await fixture.database.ownerSql`
      select credits_distribute_one(${userId}, ${fixture.control.now()}, interval '48 hours')`;
    const grants = (await fixture.booked(userId)).filter(({ amount }) => amount > 0);
    expect(grants).toHaveLength(2);
  });
});

describe("a downgrade in the portal", () => {
  it("takes effect at the year's end and then grants monthly", async () => {
    const userId = await fixture.signUp();
    const id = await subscribe(userId, "pro-yearly");
    const yearEnds = (await membership(userId)).until;
    const { url } = await openPortal(fixture.billing, { userId });
    const form = { action: "switch", subscription: id, price: "price_pro_monthly" };
    const response = await fetch(url, { method: "POST", body: new URLSearchParams(form) });
    expect(await response.text()).toContain('data-testid="planned"');
    await fixture.control.settled();
    expect(await membership(userId)).toMatchObject({ plan: "pro-yearly", renewsAt: yearEnds });
    expect(await schedules(userId)).toMatchObject([{ ended: false }]);
    expect(await fixture.granted(userId)).toBe(1000);
    await fixture.control.advanceClock({ years: 1, ms: 2 * millisecondsInHour });
    await distributeCredits(fixture.db, { now: now(), deadlineMs: Number.POSITIVE_INFINITY });
    const shown = await membership(userId);
    expect(shown).toMatchObject({ plan: "pro-monthly", status: "active", since: expect.any(Date) });
    expect(shown.renewsAt).toEqual(monthsAfter(yearEnds ?? now(), 1));
    expect(await schedules(userId)).toMatchObject([{ next_due_at: null }]);
    expect(await fixture.allotments(userId)).toHaveLength(13);
    await fixture.control.advanceClock({ months: 1 });
    expect(await fixture.allotments(userId)).toHaveLength(14);
  });
});
