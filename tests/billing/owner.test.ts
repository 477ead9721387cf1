import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
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

describe("resolveUser", () => {
  it("finds the owner by the stored customer without any metadata", async () => {
    const userId = await fixture.signUp();
    const customer = await ensureCustomer(fixture.billing, userId);
    await fixture.control.pay(await fixture.openForeignSession({ customer, line_items: pack }));
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("finds the owner by our metadata and then stores the customer", async () => {
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

  it("credits nobody when the metadata names another user than the customer", async () => {
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

  it("credits nobody when a subscription's metadata names another user", async () => {
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
    ["a user who does not exist", { metadata: { userId: "user_nobody" } }],
  ])("dead-letters a purchase that names %s", async (_name, naming) => {
    const { id: customer } = await fixture.billing.stripe.customers.create({});
    const paid = await fixture.openForeignSession({ customer, line_items: pack, ...naming });
    await fixture.control.pay(paid);
    expect(await inboxOf(paid)).toMatchObject({ status: "dead" });
  });

  it("dead-letters our customer's purchase at a price outside the catalogue", async () => {
    const userId = await fixture.signUp();
    const customer = await ensureCustomer(fixture.billing, userId);
    const paid = await fixture.openForeignSession({
      customer,
      line_items: [{ price: "price_foreign", quantity: 1 }],
      metadata: { userId, credits: "1000", item: "pack-enterprise" },
    });
    await fixture.control.pay(paid);
    expect(await inboxOf(paid)).toMatchObject({
      status: "dead",
      userId,
      outcome: "ours, but the catalogue lacks its price price_foreign",
    });
    expect(await fixture.alerts(`stripe-event:${(await inboxOf(paid))?.id}`)).toHaveLength(1);
    expect(await fixture.granted(userId)).toBe(0);
  });

  it("ignores a stranger's purchase at another product's price, whatever its metadata", async () => {
    const userId = await fixture.signUp();
    const { id: customer } = await fixture.billing.stripe.customers.create({});
    const foreign = { customer, metadata: { userId } };
    const line_items = [{ price: "price_foreign", quantity: 1 }];
    const paid = await fixture.openForeignSession({ ...foreign, line_items });
    await fixture.control.pay(paid);
    expect(await inboxOf(paid)).toMatchObject({ status: "ignored" });
    const subscribed = await fixture.openForeignSession({
      ...foreign,
      mode: "subscription",
      line_items: [{ price: "price_foreign_monthly", quantity: 1 }],
      subscription_data: { metadata: { userId } },
    });
    await fixture.control.pay(subscribed);
    for (const type of ["invoice.paid", "customer.subscription.created"]) {
      expect((await fixture.inbox(type)).at(-1)).toMatchObject({ status: "ignored" });
    }
    expect(await fixture.granted(userId)).toBe(0);
  });

  it("ignores credits, price and amount in the metadata", async () => {
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

  it("dead-letters a session with more than one of our prices", async () => {
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
