import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { checkPrices, reportPriceMismatches } from "@/billing/stripe/check-prices";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(() => fixture.configurePrices());
afterAll(() => fixture.close());

describe("checkPrices", () => {
  it("finds nothing when Stripe and the catalogue agree", async () => {
    expect(await checkPrices(fixture.billing)).toEqual([]);
  });

  it("names the amount and the interval of a mistyped price id", async () => {
    fixture.configurePrices({
      lifetime: "price_pack_basic",
      "pack-basic": "price_lifetime",
      "pro-monthly": "price_foreign_monthly",
    });
    const found = await checkPrices(fixture.billing);
    expect(found.map(({ item, fact, expected, found }) => [item, fact, expected, found])).toEqual([
      ["pro-monthly", "amount", "990", "500"],
      ["lifetime", "amount", "19900", "990"],
      ["pack-basic", "amount", "990", "19900"],
    ]);
  });

  it("names a price that does not exist, another currency, another interval and an archived price", async () => {
    const { stripe } = fixture.billing;
    const archived = await stripe.prices.create({
      product: "prod_pack_premium",
      currency: "usd",
      unit_amount: 3490,
    });
    await stripe.prices.update(archived.id, { active: false });
    const yen = await stripe.prices.create({
      product: "prod_pack_standard",
      currency: "jpy",
      unit_amount: 1490,
    });
    const monthly = await stripe.prices.create({
      product: "prod_pro",
      currency: "usd",
      unit_amount: 9900,
      recurring: { interval: "month" },
    });
    fixture.configurePrices({
      "pro-yearly": monthly.id,
      "pack-standard": yen.id,
      "pack-premium": archived.id,
      "pack-enterprise": "price_typo",
    });
    expect((await checkPrices(fixture.billing)).map(({ item, fact }) => [item, fact])).toEqual([
      ["pro-yearly", "interval"],
      ["pack-standard", "currency"],
      ["pack-premium", "active"],
      ["pack-enterprise", "exists"],
    ]);
  });

  it("names prices of the other mode", async () => {
    const found = await checkPrices({ ...fixture.billing, livemode: true });
    expect(new Set(found.map(({ fact }) => fact))).toEqual(new Set(["mode"]));
  });
});

describe("reportPriceMismatches", () => {
  it("raises one alert a day that names what differs, and none without a difference", async () => {
    await reportPriceMismatches(fixture.billing);
    expect(await fixture.alerts("stripe-prices:")).toEqual([]);
    fixture.configurePrices({ "pack-basic": "price_foreign" });
    await reportPriceMismatches(fixture.billing);
    await reportPriceMismatches(fixture.billing);
    expect(await fixture.alerts("stripe-prices:")).toHaveLength(1);
  });

  it("neither throws nor alerts while Stripe is down", async () => {
    const before = await fixture.alerts("stripe-prices:");
    const stripe = new Proxy(fixture.billing.stripe, {
      get: (target, name) =>
        name === "prices"
          ? { retrieve: () => Promise.reject(new Error("connection refused")) }
          : Reflect.get(target, name),
    });
    await reportPriceMismatches({ ...fixture.billing, stripe });
    expect(await fixture.alerts("stripe-prices:")).toEqual(before);
  });
});
