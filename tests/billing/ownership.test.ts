import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createPriceCatalogue, ITEM_IDS, itemById } from "@/billing/catalog";
import { ensureCustomer } from "@/billing/checkout/customer";
import { BillingFixture } from "./billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(() => fixture.expectBalanced());
afterAll(() => fixture.close());

const pack = [{ price: "price_pack_basic", quantity: 1 }];

async function inboxOf(sessionId: string) {
  const events = await fixture.inbox("checkout.session.completed");
  return events.find(({ objectId }) => objectId === sessionId);
}

describe("whose a purchase is", () => {
  it("is told by the stored customer, without any metadata", async () => {
    const userId = await fixture.signUp();
    const customer = await ensureCustomer(fixture.billing, userId);
    await fixture.control.pay(await fixture.openForeignSession({ customer, line_items: pack }));
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("is told by our own metadata when nobody has the customer, who is then remembered", async () => {
    const userId = await fixture.signUp();
    const { id: customer } = await fixture.billing.stripe.customers.create({});
    const paid = await fixture.openForeignSession({
      customer,
      line_items: pack,
      metadata: { userId },
    });
    await fixture.control.pay(paid);
    expect(await fixture.granted(userId)).toBe(100);
    expect(await ensureCustomer(fixture.billing, userId)).toBe(customer);
  });

  it("is not credited to anybody when the metadata names another user than the customer", async () => {
    const [owner, other] = [await fixture.signUp(), await fixture.signUp()];
    const customer = await ensureCustomer(fixture.billing, owner);
    for (const naming of [{ metadata: { userId: other } }, { client_reference_id: other }]) {
      const paid = await fixture.openForeignSession({ customer, line_items: pack, ...naming });
      await fixture.control.pay(paid);
      expect(await inboxOf(paid)).toMatchObject({ status: "dead", attempts: 0 });
    }
    expect(await fixture.granted(owner)).toBe(0);
    expect(await fixture.granted(other)).toBe(0);
  });

  it("is not credited when a subscription's metadata names another user", async () => {
    const [owner, other] = [await fixture.signUp(), await fixture.signUp()];
    const customer = await ensureCustomer(fixture.billing, owner);
    const paid = await fixture.openForeignSession({
      mode: "subscription",
      customer,
      line_items: [{ price: "price_pro_monthly", quantity: 1 }],
      subscription_data: { metadata: { userId: other } },
    });
    await fixture.control.pay(paid);
    expect((await fixture.inbox("invoice.paid")).at(-1)).toMatchObject({ status: "dead" });
    expect(await fixture.granted(owner)).toBe(0);
    expect(await fixture.granted(other)).toBe(0);
  });

  it.each([
    ["nobody", {}],
    ["a user nobody knows", { metadata: { userId: "user_nobody" } }],
  ])("is a dead letter when it names %s", async (_name, naming) => {
    const { id: customer } = await fixture.billing.stripe.customers.create({});
    const paid = await fixture.openForeignSession({ customer, line_items: pack, ...naming });
    await fixture.control.pay(paid);
    expect(await inboxOf(paid)).toMatchObject({ status: "dead" });
  });

  it("that is somebody else's product is ignored, even for a customer of ours", async () => {
    const userId = await fixture.signUp();
    const customer = await ensureCustomer(fixture.billing, userId);
    const paid = await fixture.openForeignSession({
      customer,
      line_items: [{ price: "price_foreign", quantity: 1 }],
      metadata: { userId, credits: "1000", item: "pack-enterprise" },
    });
    await fixture.control.pay(paid);
    expect(await inboxOf(paid)).toMatchObject({ status: "ignored" });
    const subscribed = await fixture.openForeignSession({
      mode: "subscription",
      customer,
      line_items: [{ price: "price_foreign_monthly", quantity: 1 }],
    });
    await fixture.control.pay(subscribed);
    for (const type of ["invoice.paid", "customer.subscription.created"]) {
      expect((await fixture.inbox(type)).at(-1)).toMatchObject({ status: "ignored" });
    }
    expect(await fixture.granted(userId)).toBe(0);
  });

  it("counts by price alone: credits, price and amount in metadata are ignored", async () => {
    const userId = await fixture.signUp();
    const customer = await ensureCustomer(fixture.billing, userId);
    const paid = await fixture.openForeignSession({
      customer,
      line_items: pack,
      metadata: { userId, credits: "99999", price: "price_pack_enterprise", amount: "1" },
    });
    await fixture.control.pay(paid);
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("is a dead letter when one session mixes what we sell", async () => {
    const userId = await fixture.signUp();
    const customer = await ensureCustomer(fixture.billing, userId);
    const paid = await fixture.openForeignSession({
      customer,
      line_items: [...pack, { price: "price_lifetime", quantity: 1 }],
    });
    await fixture.control.pay(paid);
    expect(await inboxOf(paid)).toMatchObject({ status: "dead" });
    expect(await fixture.granted(userId)).toBe(0);
  });
});

describe("the catalogue of prices", () => {
  const current = Object.fromEntries(ITEM_IDS.map((id) => [id, `price_${id}`]));
  const build = (retired: string, changes: Record<string, string> = {}) => {
    const all = { ...current, ...changes };
    const priceOf = (id: (typeof ITEM_IDS)[number]) => all[id] ?? "";
    return createPriceCatalogue({
      current: {
        "pro-monthly": priceOf("pro-monthly"),
        "pro-yearly": priceOf("pro-yearly"),
        lifetime: priceOf("lifetime"),
        "pack-basic": priceOf("pack-basic"),
        "pack-standard": priceOf("pack-standard"),
        "pack-premium": priceOf("pack-premium"),
        "pack-enterprise": priceOf("pack-enterprise"),
      },
      retired,
    });
  };

  it("knows every item by its price, retired ones too, and nothing else", () => {
    const catalogue = build("price_old=pro-monthly, price_older=lifetime");
    for (const id of ITEM_IDS)
      expect(catalogue.itemOf(catalogue.priceOf(id))).toEqual(itemById(id));
    expect(catalogue.itemOf("price_old")?.id).toBe("pro-monthly");
    expect(catalogue.itemOf("price_older")?.id).toBe("lifetime");
    expect(catalogue.priceOf("lifetime")).toBe("price_lifetime");
    expect(catalogue.itemOf("price_unknown")).toBeNull();
    expect(catalogue.itemOf(null)).toBeNull();
  });

  it("refuses a price that stands for two items, and a list it can't read", () => {
    expect(() => build("", { lifetime: "price_pack-basic" })).toThrow(/two items/);
    expect(() => build("price_lifetime=pack-basic")).toThrow(/two items/);
    expect(() => build("price_old")).toThrow(/STRIPE_RETIRED_PRICES/);
    expect(() => build("price_old=free")).toThrow(/STRIPE_RETIRED_PRICES/);
  });
});
