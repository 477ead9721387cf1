import type Stripe from "stripe";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { checkPrices, reportPriceMismatches } from "@/billing/stripe/check-prices";
import { planPrices } from "../../../dev/stripe-setup/set-up-prices";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(restorePrices);
afterAll(() => fixture.close());

/** Creates another price that takes over an item's lookup key. Returns its id. */
async function moveLookupKey(
  item: string,
  change: Partial<Stripe.PriceCreateParams>,
): Promise<string> {
  const made = await fixture.billing.stripe.prices.create({
    product: item.startsWith("pro-") ? "qiflow_pro" : `qiflow_${item.replaceAll("-", "_")}`,
    currency: "usd",
    lookup_key: `qiflow_${item.replaceAll("-", "_")}`,
    transfer_lookup_key: true,
    ...change,
  });
  return made.id;
}

async function restorePrices(): Promise<void> {
  for (const { apply } of await planPrices(fixture.billing.stripe)) await apply();
}

describe("checkPrices", () => {
  it("finds nothing when Stripe and the catalogue agree", async () => {
    expect(await checkPrices(fixture.billing)).toEqual([]);
  });

  it("names amount, currency, interval, terms and an archived price", async () => {
    await moveLookupKey("pro-yearly", { unit_amount: 9900, recurring: { interval: "month" } });
    await moveLookupKey("lifetime", { unit_amount: 990 });
    await moveLookupKey("pack-basic", { unit_amount: 990, metadata: { terms: "0123456789ab" } });
    const archived = await moveLookupKey("pack-premium", { unit_amount: 3490 });
    await fixture.billing.stripe.prices.update(archived, { active: false });
    await moveLookupKey("pack-standard", { unit_amount: 1490, currency: "jpy" });
    const found = await checkPrices(fixture.billing);
    expect(found.map(({ item, fact }) => [item, fact])).toEqual([
      ["pro-yearly", "interval"],
      ["lifetime", "amount"],
      ["pack-basic", "terms"],
      ["pack-standard", "currency"],
      ["pack-premium", "active"],
    ]);
    const [expected, actual] = ["expected", "found"].map((side) =>
      found
        .filter(({ fact }) => fact === "amount" || fact === "currency")
        .map((one) => Reflect.get(one, side)),
    );
    expect([expected, actual]).toEqual([
      ["19900 usd", "usd"],
      ["990 usd", "jpy"],
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
    await moveLookupKey("lifetime", { unit_amount: 990 });
    await reportPriceMismatches(fixture.billing);
    await reportPriceMismatches(fixture.billing);
    expect(await fixture.alerts("stripe-prices:")).toHaveLength(1);
  });

  it("neither throws nor alerts while Stripe is down", async () => {
    const before = await fixture.alerts("stripe-prices:");
    const stripe = new Proxy(fixture.billing.stripe, {
      get: (target, name) =>
        name === "prices"
          ? { list: () => Promise.reject(new Error("connection refused")) }
          : Reflect.get(target, name),
    });
    await reportPriceMismatches({ ...fixture.billing, stripe });
    expect(await fixture.alerts("stripe-prices:")).toEqual(before);
  });
});
