import { addDays } from "date-fns";
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { deleteAccount } from "@/accounts/delete-account";
import { createCheckout, startCheckoutInput } from "@/billing/checkout/create-checkout";
import { ensureCustomer } from "@/billing/checkout/customer";
import { openPortal } from "@/billing/checkout/open-portal";
import { checkoutSession, user } from "@/db/schema";
import { createStripe } from "@/integrations/create-stripe";
import { now } from "@/lib/clock";
import { BillingFixture, CONSENT, SECRET_KEY } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(async () => {
  fixture.isUp = true;
  await fixture.expectBalanced();
});
afterAll(() => fixture.close());

const statusAtStripe = async (sessionId: string) =>
  (await fixture.billing.stripe.checkout.sessions.retrieve(sessionId)).status;

describe("createCheckout", () => {
  it("accepts an item id and nothing else from the client", () => {
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

  it("opens a page for the user's customer in their locale at the catalogue's price", async () => {
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

  it("returns the open page for the same item", async () => {
    const userId = await fixture.signUp();
    const first = await fixture.openCheckout(userId, "pack-basic");
    expect(await fixture.openCheckout(userId, "pack-basic")).toBe(first);
    expect(await fixture.openCheckout(userId, "pack-premium")).not.toBe(first);
  });

  it("opens one page and creates one customer for ten concurrent tabs", async () => {
    const userId = await fixture.signUp();
    const tabs = Array.from({ length: 10 }, () => fixture.openCheckout(userId, "pack-basic"));
    expect(new Set(await Promise.all(tabs)).size).toBe(1);
    const customers = await fixture.billing.stripe.customers
      .list({ limit: 100 })
      .autoPagingToArray({ limit: 1000 });
    expect(customers.filter(({ metadata }) => metadata.userId === userId)).toHaveLength(1);
  });

  it("opens a new page after the last one is paid", async () => {
    const userId = await fixture.signUp();
    const first = await fixture.buy(userId, "pack-basic");
    const second = await fixture.buy(userId, "pack-basic");
    expect(second).not.toBe(first);
    expect(await fixture.granted(userId)).toBe(200);
  });

  it("closes the other open subscription page but not a pack's", async () => {
    const userId = await fixture.signUp();
    const monthly = await fixture.openCheckout(userId, "pro-monthly");
    const pack = await fixture.openCheckout(userId, "pack-basic");
    const yearly = await fixture.openCheckout(userId, "pro-yearly");
    expect(await statusAtStripe(monthly)).toBe("expired");
    expect(await statusAtStripe(pack)).toBe("open");
    expect(await statusAtStripe(yearly)).toBe("open");
  });

  it("closes the other open pages for a plan or a lifetime, whatever their locale", async () => {
    const userId = await fixture.signUp();
    const open = async (item: string, locale: "en" | "zh-CN") => {
      const { url } = await createCheckout(fixture.billing, {
        userId,
        item,
        locale,
        consent: CONSENT,
        now: now(),
      });
      return /cs_\w+/.exec(url)?.[0] ?? "";
    };
    const pages = [
      await open("lifetime", "en"),
      await open("lifetime", "zh-CN"),
      await open("pro-monthly", "en"),
      await open("lifetime", "en"),
    ];
    const statuses = await Promise.all(pages.map(statusAtStripe));
    expect(statuses).toEqual(["expired", "expired", "expired", "open"]);
  });

  it("opens one page for the same plan in two concurrent tabs", async () => {
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

  it("leaves one page open for two plans in two concurrent tabs", async () => {
    const userId = await fixture.signUp();
    const [monthly, yearly] = await Promise.all([
      fixture.openCheckout(userId, "pro-monthly"),
      fixture.openCheckout(userId, "pro-yearly"),
    ]);
    const statuses = [await statusAtStripe(monthly), await statusAtStripe(yearly)];
    expect(statuses.sort()).toEqual(["expired", "open"]);
  });

  it("opens a new page when another tab closes the one it was about to return", async () => {
    const userId = await fixture.signUp();
    const stripe = createStripe({ secretKey: SECRET_KEY, apiBase: fixture.simulator.apiBase });
    const create = stripe.customers.create.bind(stripe.customers);
    const others: string[] = [];
    /** Two other tabs open pages after this one starts and before it opens its own. */
    const createLate: typeof create = async (...args) => {
      others.push(await fixture.openCheckout(userId, "pro-yearly"));
      others.push(await fixture.openCheckout(userId, "pro-monthly"));
      return create(...args);
    };
    stripe.customers.create = createLate;
    const wanted = { userId, item: "pro-yearly" as const, consent: CONSENT, now: now() };
    const { url } = await createCheckout({ ...fixture.billing, stripe }, wanted);
    const opened = /cs_\w+/.exec(url)?.[0] ?? "";
    expect(others).toHaveLength(2);
    expect(others).not.toContain(opened);
    expect(await statusAtStripe(opened)).toBe("open");
    for (const other of others) expect(await statusAtStripe(other)).toBe("expired");
  });

  it("opens a new page when Stripe no longer knows the recorded session", async () => {
    const userId = await fixture.signUp();
    await fixture.db.insert(checkoutSession).values({
      id: "cs_test_elsewhere",
      userId,
      item: "pack-basic",
      status: "open",
      createdAt: now(),
      expiresAt: addDays(now(), 1),
    });
    expect(await fixture.openCheckout(userId, "pack-basic")).toMatch(/^cs_(?!test_elsewhere)/);
  });

  it.each([
    ["neither", {}, null, false],
    ["automatic tax", { automaticTax: true }, null, true],
    ["the billing address", { billingAddress: true }, "required", false],
    ["both", { automaticTax: true, billingAddress: true }, "required", true],
  ] as const)(
    "collects what is configured (%s), for a pack and a plan",
    async (_name, on, address, taxed) => {
      const userId = await fixture.signUp();
      for (const item of ["pack-basic", "pro-monthly"] as const) {
        const switched = { ...fixture.billing, ...on };
        const { url } = await createCheckout(switched, {
          userId,
          item,
          consent: CONSENT,
          now: now(),
        });
        const id = /cs_\w+/.exec(url)?.[0] ?? "";
        const session = await fixture.billing.stripe.checkout.sessions.retrieve(id);
        expect(session).toMatchObject({
          allow_promotion_codes: true,
          automatic_tax: { enabled: taxed },
          billing_address_collection: address,
          invoice_creation:
            item === "pro-monthly"
              ? null
              : { enabled: true, invoice_data: { metadata: { userId, item } } },
        });
        await fixture.control.pay(id);
      }
      expect(await fixture.granted(userId)).toBe(1100);
    },
  );

  it("throws 503 and records nothing during a Stripe outage", async () => {
    const userId = await fixture.signUp();
    const unreachable = createStripe({
      secretKey: "sk_test_x",
      apiBase: "http://127.0.0.1:9",
      maxNetworkRetries: 0,
    });
    await expect(
      createCheckout(
        { ...fixture.billing, stripe: unreachable },
        { userId, item: "pack-basic", consent: CONSENT, now: now() },
      ),
    ).rejects.toMatchObject({ code: "service_unavailable", status: 503 });
    const rows = await fixture.db
      .select()
      .from(checkoutSession)
      .where(eq(checkoutSession.userId, userId));
    expect(rows).toEqual([]);
  });
});

describe("ensureCustomer", () => {
  it("creates one customer for twenty concurrent requests", async () => {
    const userId = await fixture.signUp();
    const made = await Promise.all(
      Array.from({ length: 20 }, () => ensureCustomer(fixture.billing, userId)),
    );
    expect(new Set(made).size).toBe(1);
  });

  it("deletes the customer again if the account is deleted while it is created", async () => {
    const userId = await fixture.signUp();
    const stripe = createStripe({ secretKey: SECRET_KEY, apiBase: fixture.simulator.apiBase });
    const create = stripe.customers.create.bind(stripe.customers);
    const created: string[] = [];
    const createLate: typeof create = async (...args) => {
      const customer = await create(...args);
      created.push(customer.id);
      await deleteAccount(fixture.db, { userId, now: now() });
      return customer;
    };
    stripe.customers.create = createLate;
    const billing = { ...fixture.billing, stripe };
    await expect(ensureCustomer(billing, userId)).rejects.toMatchObject({ code: "not_found" });
    await fixture.deliverCalls();
    expect(created).toHaveLength(1);
    const [id = ""] = created;
    expect(await fixture.billing.stripe.customers.retrieve(id)).toMatchObject({ deleted: true });
    const [owner] = await fixture.db.select().from(user).where(eq(user.id, userId));
    expect(owner?.stripeCustomerId).toBeNull();
  });
});

describe("openPortal", () => {
  it("opens the portal after the first purchase and throws before it", async () => {
    const userId = await fixture.signUp();
    await expect(openPortal(fixture.billing, { userId })).rejects.toMatchObject({
      code: "nothing_to_manage",
    });
    await fixture.buy(userId, "pack-basic");
    expect((await openPortal(fixture.billing, { userId })).url).toMatch(/^http/);
  });

  it("replaces a customer that was deleted in the dashboard", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-basic");
    const gone = await ensureCustomer(fixture.billing, userId);
    await fixture.control.deleteCustomer(gone);
    expect((await openPortal(fixture.billing, { userId })).url).toMatch(/^http/);
    expect(await ensureCustomer(fixture.billing, userId)).not.toBe(gone);
  });
});
