import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ensureCustomer } from "@/billing/checkout/customer";
import { getMembership, listPayments } from "@/billing/queries";
import { now } from "@/lib/clock";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(() => fixture.expectBalanced());
afterAll(() => fixture.close());

const membership = (userId: string) => getMembership(fixture.db, { userId, at: now() });

describe("a purchase", () => {
  it.each([
    ["pack-basic", 100],
    ["pack-standard", 200],
    ["pack-premium", 500],
    ["pack-enterprise", 1000],
  ] as const)("grants the credits of %s once under the session's key", async (item, credits) => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.buy(userId, item);
    expect(await fixture.booked(userId)).toEqual([
      { type: "PURCHASE_PACKAGE", amount: credits, key: `checkout:${sessionId}:pack` },
    ]);
    expect(await fixture.available(userId)).toBe(120 + credits);
    expect(await membership(userId)).toMatchObject({ plan: "free", status: "none" });
  });

  it("grants 1000 credits and membership for the period of a month's invoice", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pro-monthly");
    const [paid, ...others] = await fixture.payments(userId);
    expect(others).toEqual([]);
    expect(paid).toMatchObject({
      item: "pro-monthly",
      amountCents: 990,
      currency: "usd",
      credits: 1000,
    });
    expect(await fixture.booked(userId)).toEqual([
      { type: "SUBSCRIPTION_RENEWAL", amount: 1000, key: `${paid?.id}:allotment` },
    ]);
    expect(await membership(userId)).toMatchObject({
      plan: "pro-monthly",
      status: "active",
      renewsAt: paid?.memberUntilAt,
      cancelAt: null,
    });
  });

  it("grants the first month of a year and opens the schedule of the others", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pro-yearly");
    expect(await fixture.granted(userId)).toBe(1000);
    const schedules = await fixture.database.ownerSql`
      select id, kind, next_n, ends_at - anchor_at >= '365 days' as covers_the_year
      from credit_schedule where user_id = ${userId} and kind <> 'free'`;
    const [paid] = await fixture.payments(userId);
    expect(schedules).toEqual([{ id: paid?.id, kind: "yearly", next_n: 1, covers_the_year: true }]);
    expect(await membership(userId)).toMatchObject({ plan: "pro-yearly", status: "active" });
  });

  it("grants the first month of a lifetime and opens a schedule without an end", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.buy(userId, "lifetime");
    expect(await fixture.booked(userId)).toEqual([
      { type: "LIFETIME_MONTHLY", amount: 1000, key: `checkout:${sessionId}:allotment` },
    ]);
    const schedules = await fixture.database.ownerSql`
      select id, kind, next_n, ends_at from credit_schedule
      where user_id = ${userId} and kind <> 'free'`;
    expect(schedules).toEqual([
      { id: `checkout:${sessionId}`, kind: "lifetime", next_n: 1, ends_at: null },
    ]);
    expect(await membership(userId)).toMatchObject({ plan: "lifetime", until: null });
  });

  it("grants three times the credits for three packs in one session", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-basic");
    const { customer } = await fixture.billing.stripe.checkout.sessions.retrieve(
      await fixture.openCheckout(userId, "pack-basic"),
    );
    const sessionId = await fixture.openForeignSession({
      customer: String(customer),
      line_items: [{ price: "price_pack_premium", quantity: 3 }],
    });
    await fixture.control.pay(sessionId);
    expect(await fixture.granted(userId)).toBe(100 + 1500);
  });

  it.each(["pack-basic", "pro-monthly", "pro-yearly", "lifetime"] as const)(
    "emails the ledger's expiry for %s",
    async (item) => {
      const userId = await fixture.signUp();
      await fixture.buy(userId, item);
      const [lot] = await fixture.database.ownerSql<{ expires_at: Date }[]>`
        select expires_at from credit_lot where user_id = ${userId} and source <> 'signup'`;
      const [email] = await fixture.database.ownerSql<{ expires_at: string }[]>`
        select payload->'props'->>'expiresAt' as expires_at from outbox
        where user_id = ${userId} and kind = 'email'`;
      // The ledger reads the clock after the email does, minutes later on a stalled machine.
      const apartMs = (lot?.expires_at.getTime() ?? 0) - Date.parse(email?.expires_at ?? "");
      expect(Math.abs(apartMs)).toBeLessThan(600_000);
    },
  );

  it("sends one confirmation email", async () => {
    const userId = await fixture.signUp("zh-CN");
    const sessionId = await fixture.buy(userId, "pack-basic");
    expect(await fixture.emails(userId)).toEqual([`email:purchase:checkout:${sessionId}`]);
  });

  it("grants a pack and a subscription paid with a 100% coupon", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-standard", "coupon");
    expect(await fixture.granted(userId)).toBe(200);
    await fixture.buy(userId, "pro-monthly", "coupon");
    expect(await fixture.granted(userId)).toBe(1200);
    expect((await fixture.payments(userId)).map((paid) => paid.amountCents)).toEqual([0, 0]);
  });

  it("grants by the price in another currency, whatever the amount", async () => {
    const userId = await fixture.signUp();
    const customer = await ensureCustomer(fixture.billing, userId);
    const sessionId = await fixture.openForeignSession({
      customer,
      line_items: [{ price: "price_pack_basic_cny", quantity: 1 }],
    });
    await fixture.control.pay(sessionId);
    expect(await fixture.granted(userId)).toBe(100);
    expect((await fixture.payments(userId))[0]).toMatchObject({
      amountCents: 6800,
      currency: "cny",
    });
  });

  it.each([
    ["pack-premium", "alipay", 500],
    ["lifetime", "alipay", 1000],
    ["pack-premium", "wechat_pay", 500],
    ["lifetime", "wechat_pay", 1000],
  ] as const)("grants %s immediately when paid by %s", async (item, how, credits) => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.buy(userId, item, how);
    expect(await fixture.granted(userId)).toBe(credits);
    const session = await fixture.billing.stripe.checkout.sessions.retrieve(sessionId, {
      expand: ["payment_intent"],
    });
    expect(session.payment_intent).toMatchObject({ payment_method_types: [how] });
  });

  it.each(["alipay", "wechat_pay"] as const)("does not offer %s for a plan", async (how) => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.openCheckout(userId, "pro-monthly");
    await expect(fixture.control.pay(sessionId, { how })).rejects.toThrow(/cannot pay/);
    expect(await fixture.granted(userId)).toBe(0);
  });

  it("counts every line of a session with more than one page of lines", async () => {
    const userId = await fixture.signUp();
    const customer = await ensureCustomer(fixture.billing, userId);
    const line_items = Array.from({ length: 12 }, () => ({
      price: "price_pack_basic",
      quantity: 2,
    }));
    const sessionId = await fixture.openForeignSession({ customer, line_items });
    await fixture.control.pay(sessionId);
    const shown = await fixture.billing.stripe.checkout.sessions.retrieve(sessionId, {
      expand: ["line_items"],
    });
    expect(shown.line_items).toMatchObject({ has_more: true });
    expect(shown.line_items?.data).toHaveLength(10);
    expect(await fixture.granted(userId)).toBe(2400);
    expect((await fixture.payments(userId))[0]?.quantity).toBe(24);
  });

  it("grants nothing while a subscription's first payment is incomplete", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pro-yearly", "incomplete");
    expect(await fixture.payments(userId)).toEqual([]);
    expect(await fixture.granted(userId)).toBe(0);
    expect(await membership(userId)).toMatchObject({ plan: "free", status: "incomplete" });
  });

  it("grants nothing when declined and can be paid afterwards", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.buy(userId, "pack-basic", "decline");
    expect(await fixture.granted(userId)).toBe(0);
    await fixture.control.pay(sessionId);
    expect(await fixture.granted(userId)).toBe(100);
  });
});

describe("a delayed payment method", () => {
  it("grants when the money arrives, not when the page is completed", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.buy(userId, "pack-basic", "later");
    expect(await fixture.granted(userId)).toBe(0);
    await fixture.control.settleDelayedPayment(sessionId, "succeed");
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("grants nothing when the money does not arrive", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.buy(userId, "lifetime", "later");
    await fixture.control.settleDelayedPayment(sessionId, "fail");
    expect(await fixture.granted(userId)).toBe(0);
    expect(await membership(userId)).toMatchObject({ plan: "free" });
  });
});

describe("listPayments", () => {
  it("lists payments newest first, one page at a time", async () => {
    const userId = await fixture.signUp();
    for (const item of ["pack-basic", "pack-standard", "pack-premium"] as const) {
      await fixture.buy(userId, item);
      await fixture.control.advanceClock({ ms: 1_000 });
    }
    const first = await listPayments(fixture.db, { userId, limit: 2 });
    expect(first.rows.map(({ item }) => item)).toEqual(["pack-premium", "pack-standard"]);
    if (first.nextBefore === null) throw new Error("expected a second page");
    const second = await listPayments(fixture.db, { userId, limit: 2, before: first.nextBefore });
    expect(second.rows.map(({ item }) => item)).toEqual(["pack-basic"]);
    expect(second.nextBefore).toBeNull();
  });
});
