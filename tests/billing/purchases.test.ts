import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ensureCustomer } from "@/billing/checkout/customer";
import { getMembership } from "@/billing/queries";
import { now } from "@/lib/clock";
import { BillingFixture } from "./billing-fixture";

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
  ] as const)("of %s grants its credits once, under the session's key", async (item, credits) => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.buy(userId, item);
    expect(await fixture.booked(userId)).toEqual([
      { type: "PURCHASE_PACKAGE", amount: credits, key: `checkout:${sessionId}:pack` },
    ]);
    expect(await fixture.available(userId)).toBe(120 + credits);
    expect(await membership(userId)).toMatchObject({ plan: "free", status: "none" });
  });

  it("of pro monthly grants 1000 by its invoice and makes a member for the period", async () => {
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

  it("of pro yearly grants the first month and opens the schedule of the others", async () => {
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

  it("of a lifetime grants the first month and a schedule without an end", async () => {
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

  it("of three packs in one session grants three times the credits", async () => {
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
    "of %s tells in its mail when the credits expire, as the ledger has it",
    async (item) => {
      const userId = await fixture.signUp();
      await fixture.buy(userId, item);
      const [lot] = await fixture.database.ownerSql<{ expires_at: Date }[]>`
        select expires_at from credit_lot where user_id = ${userId} and source <> 'signup'`;
      const [mail] = await fixture.database.ownerSql<{ expires_at: string }[]>`
        select payload->'props'->>'expiresAt' as expires_at from outbox
        where user_id = ${userId} and kind = 'email'`;
      // The ledger reads the instant a moment after the mail, or minutes on a machine that stalls.
      const apartMs = (lot?.expires_at.getTime() ?? 0) - Date.parse(mail?.expires_at ?? "");
      expect(Math.abs(apartMs)).toBeLessThan(600_000);
    },
  );

  it("confirms itself by one mail", async () => {
    const userId = await fixture.signUp("zh-CN");
    const sessionId = await fixture.buy(userId, "pack-basic");
    expect(await fixture.mails(userId)).toEqual([`email:purchase:checkout:${sessionId}`]);
  });

  it("with a coupon of 100% grants, for a pack and for a subscription", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-standard", "coupon");
    expect(await fixture.granted(userId)).toBe(200);
    await fixture.buy(userId, "pro-monthly", "coupon");
    expect(await fixture.granted(userId)).toBe(1200);
    expect((await fixture.payments(userId)).map((paid) => paid.amountCents)).toEqual([0, 0]);
  });

  it("in another currency grants by its price, whatever the amount", async () => {
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
  ] as const)("of %s can be paid by %s, at once", async (item, how, credits) => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.buy(userId, item, how);
    expect(await fixture.granted(userId)).toBe(credits);
    const session = await fixture.billing.stripe.checkout.sessions.retrieve(sessionId, {
      expand: ["payment_intent"],
    });
    expect(session.payment_intent).toMatchObject({ payment_method_types: [how] });
  });

  it.each(["alipay", "wechat_pay"] as const)("of a plan is not offered by %s", async (how) => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.openCheckout(userId, "pro-monthly");
    await expect(fixture.control.pay(sessionId, { how })).rejects.toThrow(/cannot pay/);
    expect(await fixture.granted(userId)).toBe(0);
  });

  it("of more lines than Stripe shows at once counts them all", async () => {
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

  it("of a subscription whose first payment is not finished grants nothing", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pro-yearly", "incomplete");
    expect(await fixture.payments(userId)).toEqual([]);
    expect(await fixture.granted(userId)).toBe(0);
    expect(await membership(userId)).toMatchObject({ plan: "free", status: "incomplete" });
  });

  it("that is declined grants nothing and can be paid afterwards", async () => {
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
