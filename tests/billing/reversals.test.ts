import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { applyEffect, handled } from "@/billing/effect";
import { HANDLED_EVENT_TYPES } from "@/billing/inbox/process-event";
import { getMembership } from "@/billing/queries";
import { bookReversals } from "@/billing/reversals/apply-reversals";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { spendCredits } from "@/ledger/spend-credits";
import { now } from "@/lib/clock";
import { World } from "./world";

let world: World;
beforeAll(async () => {
  world = await World.create();
});
afterEach(async () => {
  await world.control.setDeliveryMode("normal");
  await world.expectBalanced();
});
afterAll(() => world.close());

const membership = (userId: string) => getMembership(world.db, { userId, at: now() });

/** Buys and answers the payment intent that paid. */
async function pay(userId: string, item: Parameters<World["buy"]>[1]): Promise<string> {
  await world.buy(userId, item);
  const paid = (await world.payments(userId)).at(-1);
  if (!paid?.paymentIntentId) throw new Error("nothing was charged");
  return paid.paymentIntentId;
}

async function spend(userId: string, amount: number): Promise<void> {
  const source = `reading:${userId}:${amount}`;
  await world.db.transaction((tx) =>
    spendCredits(tx, { userId, key: `${source}:spend`, amount, source, now: now() }),
  );
}

const distribute = () =>
  distributeCredits(world.db, { now: now(), deadlineMs: Number.POSITIVE_INFINITY });

async function schedule(userId: string) {
  const [row] = await world.database.ownerSql<
    { due: boolean; suspended: boolean; ended: boolean }[]
  >`select next_due_at is not null as due, suspended_at is not null as suspended,
      ended_at is not null as ended
    from credit_schedule where user_id = ${userId} and kind <> 'free'`;
  return row;
}

/** What the revenue reports make of a person's first payment, in cents. */
async function money(userId: string) {
  const [paid] = await world.payments(userId);
  return {
    ...{ amount: paid?.amountCents, refunded: paid?.refundedCents },
    disputed: paid?.disputedCents,
  };
}

const amounts = async (userId: string) =>
  (await world.booked(userId)).map(({ type, amount }) => [type, amount]);

describe("a refund", () => {
  it("of everything takes everything back, once however often it is told", async () => {
    const userId = await world.signUp();
    const intent = await pay(userId, "pack-basic");
    const refund = await world.control.refund(intent);
    for (const event of world.control.listEvents("charge.refunded").slice(-1)) {
      await world.deliver(event);
      await world.deliver({ ...event, id: "evt_refund_twin" });
    }
    expect(await world.booked(userId)).toMatchObject([
      { amount: 100 },
      { type: "REVOKE", amount: -100, key: `refund:${refund.id}:revoke` },
    ]);
    expect(await world.available(userId)).toBe(120);
    expect((await world.payments(userId))[0]?.refundedCents).toBe(990);
  });

  it("in parts takes back the share, cumulatively, and never more than was granted", async () => {
    const userId = await world.signUp();
    const intent = await pay(userId, "pack-basic");
    await world.control.refund(intent, 330);
    expect(await amounts(userId)).toEqual([
      ["PURCHASE_PACKAGE", 100],
      ["REVOKE", -33],
    ]);
    await world.control.refund(intent, 330);
    await world.control.refund(intent, 330);
    expect((await amounts(userId)).slice(2)).toEqual([
      ["REVOKE", -34],
      ["REVOKE", -33],
    ]);
    expect(await world.available(userId)).toBe(120);
  });

  it("of spent credits becomes debt, which the next purchase settles", async () => {
    const userId = await world.signUp();
    const intent = await pay(userId, "pack-basic");
    await spend(userId, 220);
    await world.control.refund(intent);
    expect(await world.available(userId)).toBe(-100);
    await world.buy(userId, "pack-standard");
    expect(await world.available(userId)).toBe(100);
  });

  it("takes nothing for what has expired unused", async () => {
    const userId = await world.signUp();
    const intent = await pay(userId, "pack-basic");
    await spend(userId, 120);
    await spend(userId, 40);
    await world.control.advanceClock({ days: 366 });
    await world.control.refund(intent);
    expect((await amounts(userId)).at(-1)).toEqual(["REVOKE", -40]);
  });

  it("of a lifetime ends its schedule and its membership", async () => {
    const userId = await world.signUp();
    const intent = await pay(userId, "lifetime");
    await world.control.refund(intent);
    expect(await world.available(userId)).toBe(120);
    expect(await schedule(userId)).toEqual({ due: false, suspended: false, ended: true });
    expect(await membership(userId)).toMatchObject({ plan: "free" });
    expect(await world.openCheckout(userId, "lifetime")).toMatch(/^cs_/);
  });

  it("of part of a lifetime leaves its schedule and its membership", async () => {
    const userId = await world.signUp();
    const intent = await pay(userId, "lifetime");
    await world.control.refund(intent, 9950);
    expect(await world.available(userId)).toBe(620);
    expect(await schedule(userId)).toEqual({ due: true, suspended: false, ended: false });
    expect(await membership(userId)).toMatchObject({ plan: "lifetime" });
  });

  it.each(["pro-monthly", "pro-yearly"] as const)(
    "of a %s invoice takes back what it granted",
    async (item) => {
      const userId = await world.signUp();
      const intent = await pay(userId, item);
      await world.control.refund(intent);
      expect(await world.available(userId)).toBe(120);
      expect(await membership(userId)).toMatchObject({ plan: "free", status: "active" });
      expect((await schedule(userId))?.due ?? false).toBe(false);
    },
  );

  it("that fails gives the same credits back, and the membership", async () => {
    const userId = await world.signUp();
    const intent = await pay(userId, "pro-monthly");
    const until = (await membership(userId)).until;
    const refund = await world.control.refund(intent);
    expect(await membership(userId)).toMatchObject({ plan: "free" });
    await world.control.failRefund(refund.id);
    expect(await amounts(userId)).toEqual([
      ["SUBSCRIPTION_RENEWAL", 1000],
      ["REVOKE", -1000],
      ["RESTORE", 1000],
    ]);
    expect(await membership(userId)).toMatchObject({ plan: "pro-monthly", until });
    expect((await world.payments(userId))[0]?.refundedCents).toBe(0);
  });

  it("told before the purchase itself comes to the same", async () => {
    const userId = await world.signUp();
    const sessionId = await world.openCheckout(userId, "pack-basic");
    await world.control.setDeliveryMode("drop");
    const { session } = await world.control.pay(sessionId);
    await world.control.refund(String(session.payment_intent), 495);
    await world.control.setDeliveryMode("normal");
    const events = ["charge.refunded", "refund.created", "checkout.session.completed"] as const;
    for (const type of events) {
      for (const event of world.control.listEvents(type).slice(-1)) await world.deliver(event);
    }
    expect(await amounts(userId)).toEqual([
      ["PURCHASE_PACKAGE", 100],
      ["REVOKE", -50],
    ]);
  });

  it("of a year, months later, takes back all of its months that did not expire unused", async () => {
    const userId = await world.signUp();
    // So that the free month surely expires before the year's first, and is spent before it.
    await world.control.advanceClock({ ms: 3_600_000 });
    const intent = await pay(userId, "pro-yearly");
    await spend(userId, 620);
    for (let month = 1; month <= 3; month += 1) {
      await world.control.advanceClock({ months: 1, ms: month === 3 ? 24 * 3_600_000 : 0 });
      await distribute();
    }
    expect(await world.allotments(userId)).toHaveLength(4);
    // Of the four, 500 of the first were spent; its rest and the second have expired by now.
    await world.control.refund(intent);
    for (const event of world.control.listEvents("charge.refunded").slice(-1)) {
      await world.deliver({ ...event, id: `${event.id}_twin` });
    }
    expect((await amounts(userId)).filter(([type]) => type === "REVOKE")).toEqual([
      ["REVOKE", -2500],
    ]);
    expect(await world.available(userId)).toBe(-500);
    expect(await schedule(userId)).toEqual({ due: false, suspended: false, ended: true });
    await world.control.advanceClock({ months: 2 });
    await distribute();
    expect(await world.allotments(userId)).toHaveLength(4);
  });

  it("of nothing paid (a coupon of 100%) has nothing to take", async () => {
    const userId = await world.signUp();
    await world.buy(userId, "pack-basic", "coupon");
    const [paid] = await world.payments(userId);
    expect(paid).toMatchObject({ amountCents: 0, paymentIntentId: null });
    // Stripe has no charge that could be refunded, so what it would tell is made up.
    const refund = {
      key: "refund:re_free",
      kind: "refund",
      cents: 990,
      state: "standing",
    } as const;
    await applyEffect(world.billing, async (tx) => {
      const loaded = { reversals: [refund], askedAt: now() };
      const told = { paymentId: paid?.id ?? "", loaded, paidUntil: null, now: now() };
      const { userId: owner, credits } = await bookReversals(tx, told);
      return handled("a refund of nothing", owner, credits);
    });
    expect(await amounts(userId)).toEqual([["PURCHASE_PACKAGE", 100]]);
    expect((await world.payments(userId))[0]?.refundedCents).toBe(0);
    expect(await world.available(userId)).toBe(220);
  });

  it("of somebody else's payment is ignored", async () => {
    const { id: customer } = await world.billing.stripe.customers.create({});
    const sessionId = await world.openForeignSession({
      customer,
      line_items: [{ price: "price_foreign", quantity: 1 }],
    });
    const { session } = await world.control.pay(sessionId);
    await world.control.refund(String(session.payment_intent));
    expect((await world.inbox("charge.refunded")).at(-1)).toMatchObject({ status: "ignored" });
  });
});

describe("a dispute", () => {
  it("opened takes the credits and suspends the months; lost keeps them and ends it", async () => {
    const userId = await world.signUp();
    const intent = await pay(userId, "lifetime");
    const dispute = await world.control.dispute(intent);
    expect(await world.available(userId)).toBe(120);
    expect(await money(userId)).toEqual({ amount: 19900, refunded: 0, disputed: 19900 });
    expect(await schedule(userId)).toEqual({ due: false, suspended: true, ended: false });
    await world.control.loseDispute(dispute.id);
    expect(await money(userId)).toEqual({ amount: 19900, refunded: 0, disputed: 19900 });
    expect(await world.available(userId)).toBe(120);
    expect(await schedule(userId)).toMatchObject({ due: false, ended: true });
    expect(await membership(userId)).toMatchObject({ plan: "free" });
    expect((await amounts(userId)).filter(([type]) => type === "REVOKE")).toHaveLength(1);
  });

  it("won gives the same credits back and lets the months go on", async () => {
    const userId = await world.signUp();
    const intent = await pay(userId, "pro-yearly");
    await spend(userId, 500);
    const dispute = await world.control.dispute(intent);
    expect(await world.available(userId)).toBe(-380);
    expect(await money(userId)).toEqual({ amount: 9900, refunded: 0, disputed: 9900 });
    await world.control.winDispute(dispute.id);
    expect(await money(userId)).toEqual({ amount: 9900, refunded: 0, disputed: 0 });
    expect(await world.available(userId)).toBe(620);
    expect(await schedule(userId)).toEqual({ due: true, suspended: false, ended: false });
    expect(await amounts(userId)).toEqual([
      ["SUBSCRIPTION_RENEWAL", 1000],
      ["USAGE", -500],
      ["REVOKE", -1000],
      ["RESTORE", 1000],
    ]);
  });

  it("after a partial refund takes only the rest", async () => {
    const userId = await world.signUp();
    const intent = await pay(userId, "pack-enterprise");
    await world.control.refund(intent, 2995);
    expect(await world.available(userId)).toBe(620);
    await world.control.dispute(intent);
    expect(await world.available(userId)).toBe(120);
    expect(await money(userId)).toEqual({ amount: 5990, refunded: 2995, disputed: 2995 });
  });

  it.each(["duplicate", "shuffle"] as const)(
    "told in %s deliveries is booked once",
    async (mode) => {
      await world.control.setDeliveryMode(mode);
      const userId = await world.signUp();
      const intent = await pay(userId, "pack-basic");
      const dispute = await world.control.dispute(intent);
      await world.control.winDispute(dispute.id);
      await world.control.settled();
      expect(await world.available(userId)).toBe(220);
    },
  );
});

describe("the endpoint", () => {
  it("asks for no more event types than one list of events may name", () => {
    expect(HANDLED_EVENT_TYPES.length).toBeLessThanOrEqual(20);
  });
});
