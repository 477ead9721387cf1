import { millisecondsInMinute } from "date-fns/constants";
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ensureCustomer } from "@/billing/checkout/customer";
import { CheckoutRefused, CurrencyBound } from "@/billing/errors";
import { checkoutSession } from "@/db/schema";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(() => fixture.forgetPrices());
afterAll(() => fixture.close());

const recordedSessions = (userId: string) =>
  fixture.db.select().from(checkoutSession).where(eq(checkoutSession.userId, userId));

const statusAtStripe = async (sessionId: string) =>
  (await fixture.billing.stripe.checkout.sessions.retrieve(sessionId)).status;

/** Stripe replays a refusal under the same idempotency key, and ours changes every minute. */
const waitForFreshKey = () => fixture.control.advanceClock({ ms: millisecondsInMinute });

async function createPrice(product: string, recurring?: { interval: "month" }): Promise<string> {
  const price = await fixture.billing.stripe.prices.create({
    product,
    currency: "cny",
    unit_amount: 6800,
    ...(recurring && { recurring }),
  });
  return price.id;
}

const yuanPlan = () => createPrice("qiflow_pro", { interval: "month" });
const yuanPack = () => createPrice("qiflow_pack_basic");

describe("createCheckout, refused by Stripe for good", () => {
  it("reports an archived price to the buyer and once a day to the operator, and records nothing", async () => {
    const userId = await fixture.signUp();
    const { stripe } = fixture.billing;
    await stripe.prices.update("price_pack_premium", { active: false });
    for (let tries = 0; tries < 2; tries += 1) {
      const refused = fixture.openCheckout(userId, "pack-premium");
      await expect(refused).rejects.toBeInstanceOf(CheckoutRefused);
    }
    expect(await recordedSessions(userId)).toEqual([]);
    expect(await fixture.alerts("checkout-refused:pack-premium:")).toHaveLength(1);
    await stripe.prices.update("price_pack_premium", { active: true });
    await waitForFreshKey();
    await fixture.openCheckout(userId, "pack-premium");
  });

  it("sells an item at the price that replaced an archived one at Stripe", async () => {
    const userId = await fixture.signUp();
    const { stripe } = fixture.billing;
    const archived = await stripe.prices.retrieve(await fixture.priceOf("pack-standard"));
    const { product, unit_amount, lookup_key, metadata } = archived;
    const replacement = await stripe.prices.create({
      product: String(product),
      currency: "usd",
      unit_amount: unit_amount ?? 0,
      lookup_key: lookup_key ?? "",
      transfer_lookup_key: true,
      metadata: { ...metadata, version: "2" },
    });
    await stripe.prices.update(archived.id, { active: false });
    await fixture.buy(userId, "pack-standard");
    expect(await fixture.payments(userId)).toMatchObject([{ priceId: replacement.id }]);
    expect(await fixture.alerts("checkout-refused:pack-standard:")).toEqual([]);
    expect(await fixture.priceOf("pack-standard")).toBe(replacement.id);
  });

  it("closes the buyer's own page in another currency and opens the new one", async () => {
    const userId = await fixture.signUp();
    const first = await fixture.openCheckout(userId, "pro-monthly");
    await fixture.sellAt("pro-monthly", await yuanPlan());
    const second = await fixture.openCheckout(userId, "pro-monthly");
    expect([await statusAtStripe(first), await statusAtStripe(second)]).toEqual([
      "expired",
      "open",
    ]);
    expect(await fixture.alerts("checkout-refused:pro-monthly:")).toEqual([]);
  });

  it("names the currency to which Stripe binds the customer, and creates no second customer", async () => {
    const userId = await fixture.signUp();
    const customer = await ensureCustomer(fixture.billing, userId);
    const binding = await fixture.openForeignSession({
      mode: "subscription",
      customer,
      line_items: [{ price: "price_foreign_monthly", quantity: 1 }],
    });
    await fixture.sellAt("pro-monthly", await yuanPlan());
    const refused = fixture.openCheckout(userId, "pro-monthly");
    await expect(refused).rejects.toMatchObject({ details: { currency: "USD" } });
    await expect(refused).rejects.toBeInstanceOf(CurrencyBound);
    expect(await recordedSessions(userId)).toEqual([]);
    expect(await fixture.alerts("checkout-refused:pro-monthly:")).toHaveLength(1);
    await fixture.billing.stripe.checkout.sessions.expire(binding);
    await waitForFreshKey();
    const opened = await fixture.openCheckout(userId, "pro-monthly");
    expect(await statusAtStripe(opened)).toBe("open");
    expect(await ensureCustomer(fixture.billing, userId)).toBe(customer);
  });

  it("sells a pack in a currency other than the running subscription's", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pro-monthly");
    await fixture.sellAt("pack-basic", await yuanPack());
    await fixture.openCheckout(userId, "pack-basic");
  });
});
