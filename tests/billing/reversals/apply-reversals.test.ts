import { millisecondsInHour } from "date-fns/constants";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { applyEffect, handled } from "@/billing/effect";
import { getMembership } from "@/billing/queries";
import { applyReversals } from "@/billing/reversals/apply-reversals";
import { spendCredits } from "@/ledger/debit";
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

const membership = (userId: string) => getMembership(fixture.db, { userId, at: now() });

/** Buys an item and returns its payment intent. */
async function pay(userId: string, item: Parameters<BillingFixture["buy"]>[1]): Promise<string> {
  await fixture.buy(userId, item);
  const paid = (await fixture.payments(userId)).at(-1);
  if (!paid?.paymentIntentId) throw new Error("nothing was charged");
  return paid.paymentIntentId;
}

async function spend(userId: string, amount: number): Promise<void> {
  const source = `reading:${userId}:${amount}`;
  await fixture.db.transaction((tx) =>
    spendCredits(tx, { userId, key: `${source}:spend`, amount, source, now: now() }),
  );
}

const distribute = () =>
  distributeCredits(fixture.db, { now: now(), deadlineMs: Number.POSITIVE_INFINITY });

async function schedule(userId: string) {
  const [row] = await fixture.database.ownerSql<
    { due: boolean; suspended: boolean; ended: boolean }[]
  >`select next_due_at is not null as due, suspended_at is not null as suspended,
      ended_at is not null as ended
    from credit_schedule where user_id = ${userId} and kind <> 'free'`;
  return row;
}

/** The amounts of a user's first payment that the revenue reports use, in cents. */
async function paymentAmounts(userId: string) {
  const [paid] = await fixture.payments(userId);
  return {
    amount: paid?.amountCents,
    refunded: paid?.refundedCents,
    disputed: paid?.disputedCents,
  };
}

const amounts = async (userId: string) =>
  (await fixture.booked(userId)).map(({ type, amount }) => [type, amount]);

describe("a refund", () => {
  it("revokes all credits once when everything is refunded", async () => {
    const userId = await fixture.signUp();
    const intent = await pay(userId, "pack-basic");
    const refund = await fixture.control.refund(intent);
    for (const event of fixture.control.listEvents("charge.refunded").slice(-1)) {
      await fixture.deliver(event);
      await fixture.deliver({ ...event, id: "evt_refund_twin" });
    }
    expect(await fixture.booked(userId)).toMatchObject([
      { amount: 100 },
      { type: "REVOKE", amount: -100, key: `refund:${refund.id}:revoke` },
    ]);
    expect(await fixture.available(userId)).toBe(120);
    expect((await fixture.payments(userId))[0]?.refundedCents).toBe(990);
  });

  it("revokes the cumulative share of partial refunds and never more than was granted", async () => {
    const userId = await fixture.signUp();
    const intent = await pay(userId, "pack-basic");
    await fixture.control.refund(intent, 330);
    expect(await amounts(userId)).toEqual([
      ["PURCHASE_PACKAGE", 100],
      ["REVOKE", -33],
    ]);
    await fixture.control.refund(intent, 330);
    await fixture.control.refund(intent, 330);
    expect((await amounts(userId)).slice(2)).toEqual([
      ["REVOKE", -34],
      ["REVOKE", -33],
    ]);
    expect(await fixture.available(userId)).toBe(120);
  });

  it("turns spent credits into debt, which the next purchase settles", async () => {
    const userId = await fixture.signUp();
    const intent = await pay(userId, "pack-basic");
    await spend(userId, 220);
    await fixture.control.refund(intent);
    expect(await fixture.available(userId)).toBe(-100);
    await fixture.buy(userId, "pack-standard");
    expect(await fixture.available(userId)).toBe(100);
  });

  it("revokes nothing for credits that expired unused", async () => {
    const userId = await fixture.signUp();
    const intent = await pay(userId, "pack-basic");
    await spend(userId, 120);
    await spend(userId, 40);
    await fixture.control.advanceClock({ days: 366 });
    await fixture.control.refund(intent);
    expect((await amounts(userId)).at(-1)).toEqual(["REVOKE", -40]);
  });

  it("ends a lifetime's schedule and membership", async () => {
    const userId = await fixture.signUp();
    const intent = await pay(userId, "lifetime");
    await fixture.control.refund(intent);
    expect(await fixture.available(userId)).toBe(120);
    expect(await schedule(userId)).toEqual({ due: false, suspended: false, ended: true });
    expect(await membership(userId)).toMatchObject({ plan: "free" });
    expect(await fixture.openCheckout(userId, "lifetime")).toMatch(/^cs_/);
  });

  it("keeps a lifetime's schedule and membership when it is partial", async () => {
    const userId = await fixture.signUp();
    const intent = await pay(userId, "lifetime");
    await fixture.control.refund(intent, 9950);
    expect(await fixture.available(userId)).toBe(620);
    expect(await schedule(userId)).toEqual({ due: true, suspended: false, ended: false });
    expect(await membership(userId)).toMatchObject({ plan: "lifetime" });
  });

  it.each(["pro-monthly", "pro-yearly"] as const)(
    "revokes what a %s invoice granted",
    async (item) => {
      const userId = await fixture.signUp();
      const intent = await pay(userId, item);
      await fixture.control.refund(intent);
      expect(await fixture.available(userId)).toBe(120);
      expect(await membership(userId)).toMatchObject({ plan: "free", status: "active" });
      expect((await schedule(userId))?.due ?? false).toBe(false);
    },
  );

  it("restores the credits and the membership when it fails", async () => {
    const userId = await fixture.signUp();
    const intent = await pay(userId, "pro-monthly");
    const until = (await membership(userId)).until;
    const refund = await fixture.control.refund(intent);
    expect(await membership(userId)).toMatchObject({ plan: "free" });
    await fixture.control.failRefund(refund.id);
    expect(await amounts(userId)).toEqual([
      ["SUBSCRIPTION_RENEWAL", 1000],
      ["REVOKE", -1000],
      ["RESTORE", 1000],
    ]);
    expect(await membership(userId)).toMatchObject({ plan: "pro-monthly", until });
    expect((await fixture.payments(userId))[0]?.refundedCents).toBe(0);
  });

  it("has the same result when it arrives before the purchase", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.openCheckout(userId, "pack-basic");
    await fixture.control.setDeliveryMode("drop");
    const { session } = await fixture.control.pay(sessionId);
    await fixture.control.refund(String(session.payment_intent), 495);
    await fixture.control.setDeliveryMode("normal");
    const events = ["charge.refunded", "refund.created", "checkout.session.completed"] as const;
    for (const type of events) {
      for (const event of fixture.control.listEvents(type).slice(-1)) await fixture.deliver(event);
    }
    expect(await amounts(userId)).toEqual([
      ["PURCHASE_PACKAGE", 100],
      ["REVOKE", -50],
    ]);
  });

  it("revokes all months of a year that did not expire unused", async () => {
    const userId = await fixture.signUp();
    // The free month must expire before the year's first month, so that it is spent first.
    await fixture.control.advanceClock({ ms: millisecondsInHour });
    const intent = await pay(userId, "pro-yearly");
    await spend(userId, 620);
    for (let month = 1; month <= 3; month += 1) {
      await fixture.control.advanceClock({
        months: 1,
        ms: month === 3 ? 24 * millisecondsInHour : 0,
      });
      await distribute();
    }
    expect(await fixture.allotments(userId)).toHaveLength(4);
    // 500 of the first month are spent. Its remainder and the second month have expired.
    await fixture.control.refund(intent);
    for (const event of fixture.control.listEvents("charge.refunded").slice(-1)) {
      await fixture.deliver({ ...event, id: `${event.id}_twin` });
    }
    expect((await amounts(userId)).filter(([type]) => type === "REVOKE")).toEqual([
      ["REVOKE", -2500],
    ]);
    expect(await fixture.available(userId)).toBe(-500);
    expect(await schedule(userId)).toEqual({ due: false, suspended: false, ended: true });
    await fixture.control.advanceClock({ months: 2 });
    await distribute();
    expect(await fixture.allotments(userId)).toHaveLength(4);
  });

  it("revokes nothing when nothing was paid (100% coupon)", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-basic", "coupon");
    const [paid] = await fixture.payments(userId);
    expect(paid).toMatchObject({ amountCents: 0, paymentIntentId: null });
    // Stripe has no charge to refund, so the reversal is made up.
    const refund = {
      key: "refund:re_free",
      kind: "refund",
      amount: 990,
      currency: "usd",
      state: "standing",
    } as const;
    await applyEffect(fixture.billing, async (tx) => {
      const loaded = { reversals: [refund], balanceCents: 0 };
      const late = { paymentId: paid?.id ?? "", loaded, paidUntil: null, now: now() };
      const { userId: owner, credits } = await applyReversals(tx, fixture.billing, late);
      return handled("a refund of nothing", owner, credits);
    });
    expect(await amounts(userId)).toEqual([["PURCHASE_PACKAGE", 100]]);
    expect((await fixture.payments(userId))[0]?.refundedCents).toBe(0);
    expect(await fixture.available(userId)).toBe(220);
  });

  it("is ignored for another product's payment", async () => {
    const { id: customer } = await fixture.billing.stripe.customers.create({});
    const sessionId = await fixture.openForeignSession({
      customer,
      line_items: [{ price: "price_foreign", quantity: 1 }],
    });
    const { session } = await fixture.control.pay(sessionId);
    await fixture.control.refund(String(session.payment_intent));
    expect((await fixture.inbox("charge.refunded")).at(-1)).toMatchObject({ status: "ignored" });
  });
});

describe("a dispute", () => {
  async function buyAndDispute() {
    const userId = await fixture.signUp();
    const intent = await pay(userId, "lifetime");
    const dispute = await fixture.control.dispute(intent);
    const ended = async () => {
      const [schedule] = await fixture.database.ownerSql<{ ended: boolean }[]>`
        select ended_at is not null as ended from credit_schedule
        where user_id = ${userId} and kind = 'lifetime'`;
      return schedule?.ended;
    };
    return { userId, dispute, ended };
  }

  it("revokes the credits and suspends the months when opened, and ends them when lost", async () => {
    const userId = await fixture.signUp();
    const intent = await pay(userId, "lifetime");
    const dispute = await fixture.control.dispute(intent);
    expect(await fixture.available(userId)).toBe(120);
    expect(await paymentAmounts(userId)).toEqual({ amount: 19900, refunded: 0, disputed: 19900 });
    expect(await schedule(userId)).toEqual({ due: false, suspended: true, ended: false });
    await fixture.control.loseDispute(dispute.id);
    expect(await paymentAmounts(userId)).toEqual({ amount: 19900, refunded: 0, disputed: 19900 });
    expect(await fixture.available(userId)).toBe(120);
    expect(await schedule(userId)).toMatchObject({ due: false, ended: true });
    expect(await membership(userId)).toMatchObject({ plan: "free" });
    expect((await amounts(userId)).filter(([type]) => type === "REVOKE")).toHaveLength(1);
  });

  it("restores the credits and resumes the months when won", async () => {
    const userId = await fixture.signUp();
    const intent = await pay(userId, "pro-yearly");
    await spend(userId, 500);
    const dispute = await fixture.control.dispute(intent);
    expect(await fixture.available(userId)).toBe(-380);
    expect(await paymentAmounts(userId)).toEqual({ amount: 9900, refunded: 0, disputed: 9900 });
    await fixture.control.winDispute(dispute.id);
    expect(await paymentAmounts(userId)).toEqual({ amount: 9900, refunded: 0, disputed: 0 });
    expect(await fixture.available(userId)).toBe(620);
    expect(await schedule(userId)).toEqual({ due: true, suspended: false, ended: false });
    expect(await amounts(userId)).toEqual([
      ["SUBSCRIPTION_RENEWAL", 1000],
      ["USAGE", -500],
      ["REVOKE", -1000],
      ["RESTORE", 1000],
    ]);
  });

  it("revokes only the remainder after a partial refund", async () => {
    const userId = await fixture.signUp();
    const intent = await pay(userId, "pack-enterprise");
    await fixture.control.refund(intent, 2995);
    expect(await fixture.available(userId)).toBe(620);
    await fixture.control.dispute(intent);
    expect(await fixture.available(userId)).toBe(120);
    expect(await paymentAmounts(userId)).toEqual({ amount: 5990, refunded: 2995, disputed: 2995 });
  });

  it.each(["duplicate", "shuffle"] as const)(
    "is applied once in delivery mode %s",
    async (mode) => {
      await fixture.control.setDeliveryMode(mode);
      const userId = await fixture.signUp();
      const intent = await pay(userId, "pack-basic");
      const dispute = await fixture.control.dispute(intent);
      await fixture.control.winDispute(dispute.id);
      await fixture.control.settled();
      expect(await fixture.available(userId)).toBe(220);
    },
  );

  it("is lost when it was prevented by returning the money", async () => {
    const { userId, dispute, ended } = await buyAndDispute();
    await fixture.control.preventDispute(dispute.id);
    expect(await fixture.granted(userId)).toBe(0);
    expect(await ended()).toBe(true);
  });

  it("stays lost while it is appealed", async () => {
    const { userId, dispute, ended } = await buyAndDispute();
    await fixture.control.loseDispute(dispute.id);
    await fixture.control.appealDispute(dispute.id);
    await fixture.deliver({ ...fixture.latest("charge.dispute.closed"), id: `evt_${dispute.id}` });
    expect(await fixture.granted(userId)).toBe(0);
    expect(await ended()).toBe(true);
  });
});

describe("credits_kept", () => {
  it.each([
    [100, 29, 200, 86],
    [100, 250, 200, 0],
    [1000, 0, 0, 1000],
  ])(
    "leaves of %i credits, with %i of %i cents reversed: %i",
    async (amount, cents, paid, kept) => {
      const [row] = await fixture.database.ownerSql<{ kept: string }[]>`
        select credits_kept(${amount}, ${cents}, ${paid}) as kept`;
      expect(Number(row?.kept)).toBe(kept);
    },
  );
});
