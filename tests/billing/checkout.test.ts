import { addDays } from "date-fns";
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createCheckout, startCheckoutInput } from "@/billing/checkout/create-checkout";
import { ensureCustomer } from "@/billing/checkout/customer";
import { openPortal } from "@/billing/checkout/open-portal";
import { getMembership, listPayments, listSubscriptions } from "@/billing/queries";
import { closeBilling } from "@/billing/subscriptions/close-billing";
import { checkoutSession, user } from "@/db/schema";
import { createStripe } from "@/integrations/create-stripe";
import { now } from "@/lib/clock";
import { BillingFixture, SECRET_KEY } from "./billing-fixture";

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
const statusAtStripe = async (sessionId: string) =>
  (await fixture.billing.stripe.checkout.sessions.retrieve(sessionId)).status;

describe("a checkout", () => {
  it("takes an item and nothing else from the client", () => {
    expect(startCheckoutInput.safeParse({ item: "pack-basic" }).success).toBe(true);
    for (const input of [
      { item: "free" },
      { item: "price_pack_basic" },
      { item: "pack-basic", credits: 100_000 },
      { item: "pack-basic", amount: 1 },
      {},
    ]) {
      expect(startCheckoutInput.safeParse(input).success).toBe(false);
    }
  });

  it("is made for the user's customer, in the user's language, at the catalogue's price", async () => {
    const userId = await fixture.signUp("zh-CN");
    const sessionId = await fixture.openCheckout(userId, "pro-yearly");
    const session = await fixture.billing.stripe.checkout.sessions.retrieve(sessionId, {
      expand: ["line_items"],
    });
    expect(session).toMatchObject({
      mode: "subscription",
      client_reference_id: userId,
      metadata: { userId, item: "pro-yearly" },
      locale: "zh",
      success_url: "http://localhost:3000/zh/billing/success?session_id={CHECKOUT_SESSION_ID}",
      cancel_url: "http://localhost:3000/zh/pricing?checkout=cancelled",
      amount_total: 9900,
    });
    expect(session.line_items?.data[0]?.price?.id).toBe("price_pro_yearly");
  });

  it("opened again for the same thing is the same page", async () => {
    const userId = await fixture.signUp();
    const first = await fixture.openCheckout(userId, "pack-basic");
    expect(await fixture.openCheckout(userId, "pack-basic")).toBe(first);
    expect(await fixture.openCheckout(userId, "pack-premium")).not.toBe(first);
  });

  it("opened at once in ten tabs is one page and one customer", async () => {
    const userId = await fixture.signUp();
    const tabs = Array.from({ length: 10 }, () => fixture.openCheckout(userId, "pack-basic"));
    expect(new Set(await Promise.all(tabs)).size).toBe(1);
    const customers = await fixture.billing.stripe.customers
      .list({ limit: 100 })
      .autoPagingToArray({ limit: 1000 });
    expect(customers.filter(({ metadata }) => metadata.userId === userId)).toHaveLength(1);
  });

  it("after a paid one is a new page", async () => {
    const userId = await fixture.signUp();
    const first = await fixture.buy(userId, "pack-basic");
    const second = await fixture.buy(userId, "pack-basic");
    expect(second).not.toBe(first);
    expect(await fixture.granted(userId)).toBe(200);
  });

  it("of a subscription closes the other open one, not a pack's", async () => {
    const userId = await fixture.signUp();
    const monthly = await fixture.openCheckout(userId, "pro-monthly");
    const pack = await fixture.openCheckout(userId, "pack-basic");
    const yearly = await fixture.openCheckout(userId, "pro-yearly");
    expect(await statusAtStripe(monthly)).toBe("expired");
    expect(await statusAtStripe(pack)).toBe("open");
    expect(await statusAtStripe(yearly)).toBe("open");
  });

  it("of the same plan at once in two tabs is one page", async () => {
    const userId = await fixture.signUp();
    const tabs = [
      fixture.openCheckout(userId, "pro-yearly"),
      fixture.openCheckout(userId, "pro-yearly"),
    ];
    const [one, two] = await Promise.all(tabs);
    expect(one).toBe(two);
    expect(await statusAtStripe(one ?? "")).toBe("open");
    await fixture.control.pay(one ?? "");
    await expect(fixture.openCheckout(userId, "pro-yearly")).rejects.toMatchObject({
      code: "second_subscription",
    });
    expect(await fixture.granted(userId)).toBe(1000);
  });

  it("of two plans at once in two tabs leaves one page open", async () => {
    const userId = await fixture.signUp();
    const [monthly, yearly] = await Promise.all([
      fixture.openCheckout(userId, "pro-monthly"),
      fixture.openCheckout(userId, "pro-yearly"),
    ]);
    const statuses = [await statusAtStripe(monthly), await statusAtStripe(yearly)];
    expect(statuses.sort()).toEqual(["expired", "open"]);
  });

  it("opened again for what another tab's page has closed meanwhile is a new page", async () => {
    const userId = await fixture.signUp();
    const stripe = createStripe({ secretKey: SECRET_KEY, apiBase: fixture.simulator.apiBase });
    const create = stripe.customers.create.bind(stripe.customers);
    const others: string[] = [];
    /** Two other tabs open pages after this one began and before it opens its own. */
    const createLate: typeof create = async (...args) => {
      others.push(await fixture.openCheckout(userId, "pro-yearly"));
      others.push(await fixture.openCheckout(userId, "pro-monthly"));
      return create(...args);
    };
    stripe.customers.create = createLate;
    const wanted = { userId, item: "pro-yearly" as const, now: now() };
    const { url } = await createCheckout({ ...fixture.billing, stripe }, wanted);
    const opened = /cs_\w+/.exec(url)?.[0] ?? "";
    expect(others).toHaveLength(2);
    expect(others).not.toContain(opened);
    expect(await statusAtStripe(opened)).toBe("open");
    for (const other of others) expect(await statusAtStripe(other)).toBe("expired");
  });

  it("is opened anew when Stripe no longer knows the one that is remembered", async () => {
    const userId = await fixture.signUp();
    await fixture.db.insert(checkoutSession).values({
      ...{ id: "cs_test_elsewhere", userId, item: "pack-basic", status: "open" },
      ...{ createdAt: now(), expiresAt: addDays(now(), 1) },
    });
    expect(await fixture.openCheckout(userId, "pack-basic")).toMatch(/^cs_(?!test_elsewhere)/);
  });

  it.each([
    ["without either", {}, null, false],
    ["with automatic tax", { automaticTax: true }, null, true],
    ["with the billing address", { billingAddress: true }, "required", false],
    ["with both", { automaticTax: true, billingAddress: true }, "required", true],
  ] as const)(
    "%s asks for what is switched on, for a pack and a plan",
    async (_name, on, address, taxed) => {
      const userId = await fixture.signUp();
      for (const item of ["pack-basic", "pro-monthly"] as const) {
        const switched = { ...fixture.billing, ...on };
        const { url } = await createCheckout(switched, { userId, item, now: now() });
        const id = /cs_\w+/.exec(url)?.[0] ?? "";
        const session = await fixture.billing.stripe.checkout.sessions.retrieve(id);
        expect(session).toMatchObject({
          allow_promotion_codes: true,
          automatic_tax: { enabled: taxed },
          billing_address_collection: address,
        });
        await fixture.control.pay(id);
      }
      expect(await fixture.granted(userId)).toBe(1100);
    },
  );

  it("while Stripe is away says so and remembers nothing", async () => {
    const userId = await fixture.signUp();
    const away = createStripe({
      secretKey: "sk_test_x",
      apiBase: "http://127.0.0.1:9",
      maxNetworkRetries: 0,
    });
    await expect(
      createCheckout(
        { ...fixture.billing, stripe: away },
        { userId, item: "pack-basic", now: now() },
      ),
    ).rejects.toMatchObject({ code: "service_unavailable", status: 503 });
    const rows = await fixture.db
      .select()
      .from(checkoutSession)
      .where(eq(checkoutSession.userId, userId));
    expect(rows).toEqual([]);
  });
});

describe("a customer", () => {
  it("is one, also when twenty requests make it at once", async () => {
    const userId = await fixture.signUp();
    const made = await Promise.all(
      Array.from({ length: 20 }, () => ensureCustomer(fixture.billing, userId)),
    );
    expect(new Set(made).size).toBe(1);
  });
});

describe("a second subscription", () => {
  it.each(["active", "past_due", "incomplete"])("is refused beside an %s one", async (status) => {
    const userId = await fixture.signUp();
    const how = status === "incomplete" ? "incomplete" : "card";
    const sessionId = await fixture.buy(userId, "pro-monthly", how);
    if (status === "past_due") {
      fixture.control.failNextPayment(await fixture.subscriptionOf(sessionId));
      await fixture.control.advanceClock({ months: 1, ms: 2 * 3_600_000 });
    }
    expect((await listSubscriptions(fixture.db, { userId }))[0]?.status).toBe(status);
    await expect(fixture.openCheckout(userId, "pro-yearly")).rejects.toMatchObject({
      code: "second_subscription",
      status: 409,
    });
  });

  it("is refused even while we have not heard of the first", async () => {
    const userId = await fixture.signUp();
    fixture.isUp = false;
    await fixture.buy(userId, "pro-monthly");
    await expect(fixture.openCheckout(userId, "pro-yearly")).rejects.toMatchObject({
      code: "second_subscription",
    });
  });

  it.each([
    ["first heard first", "price_pro_yearly", 9900],
    ["second heard first", "price_pro_yearly", 9900],
    ["the same plan, first heard first", "price_pro_monthly", 990],
    ["the same plan, second heard first", "price_pro_monthly", 990],
  ])(
    "that is paid all the same grants nothing, is cancelled and refunded (%s)",
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
      for (const event of order.endsWith("first heard first") ? paid : paid.reverse()) {
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
      const mails = await fixture.mails(userId);
      expect(mails.filter((key) => key.includes("duplicate-subscription"))).toHaveLength(1);
    },
  );
});

describe("a second subscription with nothing to pay", () => {
  it("is told of like any other, and nothing is refunded", async () => {
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
    const mails = await fixture.mails(userId);
    expect(mails.filter((key) => key.includes("duplicate-subscription"))).toHaveLength(1);
  });
});

describe("a lifetime", () => {
  it.each(["pro-monthly", "pro-yearly"] as const)(
    "bought while subscribed to %s ends the subscription at the period's end",
    async (item) => {
      const userId = await fixture.signUp();
      const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, item));
      await fixture.buy(userId, "lifetime");
      expect(await fixture.granted(userId)).toBe(2000);
      expect(await fixture.deliverCalls()).toEqual({ done: 1, failed: 0 });
      const state = await fixture.billing.stripe.subscriptions.retrieve(subscriptionId);
      expect(state.status).toBe("active");
      expect(state.cancel_at ?? state.cancel_at_period_end).toBeTruthy();
      await fixture.control.cancelSubscription(subscriptionId, "now");
      expect(await membership(userId)).toMatchObject({ plan: "lifetime", until: null });
      const rows = await fixture.database.ownerSql`
        select kind, ended_at is null as open from credit_schedule
        where user_id = ${userId} and kind = 'lifetime'`;
      expect(rows).toEqual([{ kind: "lifetime", open: true }]);
    },
  );

  it("bought while a switch of plans is scheduled ends the subscription all the same", async () => {
    const userId = await fixture.signUp();
    const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-yearly"));
    await fixture.control.planSwitch(subscriptionId, "price_pro_monthly");
    await fixture.buy(userId, "lifetime");
    expect(await fixture.deliverCalls()).toEqual({ done: 1, failed: 0 });
    await fixture.control.advanceClock({ years: 1, days: 1 });
    const state = await fixture.billing.stripe.subscriptions.retrieve(subscriptionId);
    expect(state.status).toBe("canceled");
    expect(await membership(userId)).toMatchObject({ plan: "lifetime" });
  });

  it.each(["pro-monthly", "pro-yearly"] as const)(
    "heard of before the subscription to %s it came after ends that all the same",
    async (item) => {
      const userId = await fixture.signUp();
      fixture.isUp = false;
      const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, item));
      await fixture.control.advanceClock({ ms: 60_000 });
      await fixture.buy(userId, "lifetime");
      fixture.isUp = true;
      const [lifetime] = fixture.control.listEvents("checkout.session.completed").slice(-1);
      const [invoice] = fixture.control.listEvents("invoice.paid").slice(-1);
      if (lifetime === undefined || invoice === undefined) throw new Error("both were paid");
      await fixture.deliver(lifetime);
      expect(await fixture.deliverCalls()).toEqual({ done: 0, failed: 0 });
      await fixture.deliver(invoice);
      expect(await fixture.granted(userId)).toBe(2000);
      expect(await fixture.deliverCalls()).toEqual({ done: 1, failed: 0 });
      const ending = await fixture.billing.stripe.subscriptions.retrieve(subscriptionId);
      expect(ending).toMatchObject({ status: "active", cancel_at_period_end: true });
      await fixture.control.advanceClock({ years: 1, ms: 60_000 });
      const ended = await fixture.billing.stripe.subscriptions.retrieve(subscriptionId);
      expect(ended.status).toBe("canceled");
      expect(await membership(userId)).toMatchObject({ plan: "lifetime", until: null });
      const rows = await fixture.database.ownerSql`
        select ended_at is null as open from credit_schedule
        where user_id = ${userId} and kind = 'lifetime'`;
      expect(rows).toEqual([{ open: true }]);
    },
  );

  it("leaves a subscription alone that its owner resumes afterwards", async () => {
    const userId = await fixture.signUp();
    const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    await fixture.buy(userId, "lifetime");
    expect(await fixture.deliverCalls()).toEqual({ done: 1, failed: 0 });
    await fixture.control.resumeSubscription(subscriptionId);
    expect(await fixture.deliverCalls()).toEqual({ done: 0, failed: 0 });
  });

  it("is not sold twice", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "lifetime");
    await expect(fixture.openCheckout(userId, "lifetime")).rejects.toMatchObject({
      code: "lifetime_held",
    });
  });

  it("is not sold twice while its event is on the way", async () => {
    const userId = await fixture.signUp();
    fixture.isUp = false;
    await fixture.buy(userId, "lifetime");
    await expect(fixture.openCheckout(userId, "lifetime")).rejects.toMatchObject({
      code: "lifetime_held",
    });
  });

  it("is not sold twice while a bank debit is under way, however long", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.buy(userId, "lifetime", "later");
    await fixture.control.advanceClock({ days: 3 });
    const again = () => fixture.openCheckout(userId, "lifetime");
    await expect(again()).rejects.toMatchObject({ code: "lifetime_held" });
    await fixture.control.settleDelayedPayment(sessionId, "fail");
    expect(await again()).toMatch(/^cs_/);
  });

  it("at a retired price keeps what was promised", async () => {
    const userId = await fixture.signUp();
    const customer = await ensureCustomer(fixture.billing, userId);
    const sessionId = await fixture.openForeignSession({
      customer,
      line_items: [{ price: "price_lifetime_2024", quantity: 1 }],
    });
    await fixture.control.pay(sessionId);
    expect(await fixture.granted(userId)).toBe(1000);
    expect(await membership(userId)).toMatchObject({ plan: "lifetime" });
  });
});

describe("the portal", () => {
  it("opens for whoever has bought something, and for nobody else", async () => {
    const userId = await fixture.signUp();
    await expect(openPortal(fixture.billing, { userId })).rejects.toMatchObject({
      code: "nothing_to_manage",
    });
    await fixture.buy(userId, "pack-basic");
    expect((await openPortal(fixture.billing, { userId })).url).toMatch(/^http/);
  });

  it("opens for a new customer where the old one was deleted in the dashboard", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-basic");
    const gone = await ensureCustomer(fixture.billing, userId);
    await fixture.control.deleteCustomer(gone);
    expect((await openPortal(fixture.billing, { userId })).url).toMatch(/^http/);
    expect(await ensureCustomer(fixture.billing, userId)).not.toBe(gone);
  });
});

describe("a deleted account", () => {
  it("has its subscription cancelled and its open pages closed", async () => {
    const userId = await fixture.signUp();
    const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-yearly"));
    const open = await fixture.openCheckout(userId, "pack-basic");
    await fixture.db.transaction(async (tx) => {
      await closeBilling(tx, { userId, now: now() });
      await tx.update(user).set({ deletedAt: now() }).where(eq(user.id, userId));
    });
    expect(await fixture.deliverCalls()).toEqual({ done: 3, failed: 0 });
    const state = await fixture.billing.stripe.subscriptions.retrieve(subscriptionId);
    expect(state.status).toBe("canceled");
    expect(await statusAtStripe(open)).toBe("expired");
    await expect(fixture.openCheckout(userId, "pack-basic")).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("payments", () => {
  it("are listed newest first, a page at a time", async () => {
    const userId = await fixture.signUp();
    for (const item of ["pack-basic", "pack-standard", "pack-premium"] as const) {
      await fixture.buy(userId, item);
      await fixture.control.advanceClock({ ms: 1_000 });
    }
    const first = await listPayments(fixture.db, { userId, limit: 2 });
    expect(first.rows.map(({ item }) => item)).toEqual(["pack-premium", "pack-standard"]);
    if (first.nextBefore === null) throw new Error("there is a second page");
    const second = await listPayments(fixture.db, { userId, limit: 2, before: first.nextBefore });
    expect(second.rows.map(({ item }) => item)).toEqual(["pack-basic"]);
    expect(second.nextBefore).toBeNull();
  });
});
