import { type Simulator, startSimulator } from "@qiflow/stripe-simulator/start-simulator";
import { eq } from "drizzle-orm";
import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ItemUnavailable, UnknownTerms } from "@/billing/errors";
import { Prices } from "@/billing/prices/prices";
import { findItem, ITEMS, type Item } from "@/catalog/items";
import { catalogPrice } from "@/db/schema";
import { createStripe } from "@/integrations/create-stripe";
import { now } from "@/lib/clock";
import { simulatorPrices } from "../../../dev/laptop/simulator-prices";
import { createTestDatabase, type TestDatabase } from "../../support/database";

const secretKey = "sk_test_prices";
let database: TestDatabase;
let simulator: Simulator;
let stripe: Stripe;

beforeAll(async () => {
  database = await createTestDatabase();
  const prices = simulatorPrices();
  simulator = await startSimulator({
    secretKey,
    webhookSecret: "whsec_prices",
    prices,
    quiet: true,
  });
  stripe = createStripe({ secretKey, apiBase: simulator.apiBase });
});
afterAll(async () => {
  await simulator.close();
  await database.close();
});

/** A process of the application: it shares the database and Stripe with the others, but no memory. */
function process(legacy: { priceId: string; item: string }[] = []): Prices {
  return new Prices({ db: database.db, stripe, legacy, clock: now });
}

function item(id: string): Item {
  return findItem(id) ?? expect.fail(`The catalogue has no ${id}.`);
}

async function createPrice(metadata: Record<string, string>, amount = 500): Promise<string> {
  const price = await stripe.prices.create({
    product: "qiflow_pro",
    currency: "usd",
    unit_amount: amount,
    recurring: { interval: "month" },
    metadata,
  });
  return price.id;
}

describe("priceOf", () => {
  it("finds every item's price by its lookup key and stores its terms", async () => {
    for (const one of ITEMS) {
      const { priceId } = await process().priceOf(one);
      expect(priceId).toBe(`price_${one.id.replaceAll("-", "_")}`);
    }
    const stored = await database.db.select().from(catalogPrice);
    expect(stored).toHaveLength(ITEMS.length);
    expect(stored.find(({ item: id }) => id === "pack-standard")).toMatchObject({
      currency: "usd",
      amount: 1490,
      version: 1,
      kind: "pack",
      credits: 200,
      expireDays: 365,
    });
  });

  it("stores a currency that a known price gets, under the terms it was sold under", async () => {
    const sold = item("pack-premium");
    const { priceId } = await process().priceOf(sold);
    const inEuro: Item = { ...sold, amounts: { ...sold.amounts, eur: 3190 } };
    const running = process();
    await expect(running.priceOf(inEuro)).rejects.toThrow(ItemUnavailable);
    await stripe.prices.update(priceId, { currency_options: { eur: { unit_amount: 3190 } } });
    expect(await running.priceOf(inEuro)).toEqual({ priceId });
    expect(running.itemOf(priceId)).toMatchObject({ amounts: { usd: 3490, eur: 3190 } });
    const rows = await database.db
      .select()
      .from(catalogPrice)
      .where(eq(catalogPrice.priceId, priceId));
    expect(rows.map(({ currency, amount, credits }) => [currency, amount, credits])).toEqual([
      ["usd", 3490, 500],
      ["eur", 3190, 500],
    ]);
    const otherAmount: Item = { ...sold, amounts: { ...sold.amounts, eur: 2990 } };
    await expect(running.priceOf(otherAmount)).rejects.toThrow(ItemUnavailable);
  });

  it("sells no price with another grace than the catalogue's", async () => {
    const sold = item("pro-monthly");
    if (sold.kind !== "subscription") throw new Error("pro-monthly is no subscription.");
    const { priceId } = await process().priceOf(sold);
    expect(await process().priceOf({ ...sold, graceHours: null })).toEqual({ priceId });
    await expect(process().priceOf({ ...sold, graceHours: 48 })).rejects.toThrow(ItemUnavailable);
  });

  it("throws ItemUnavailable while the catalogue and Stripe differ", async () => {
    const monthly = item("pro-monthly");
    if (monthly.kind !== "subscription") return expect.fail();
    const dearer: Item = { ...monthly, amounts: { usd: 1090 } };
    const richer: Item = { ...monthly, creditsPerMonth: 1200 };
    for (const changed of [dearer, richer]) {
      await expect(process().priceOf(changed)).rejects.toThrow(ItemUnavailable);
    }
    expect(await process().priceOf(monthly)).toEqual({ priceId: "price_pro_monthly" });
  });
});

describe("itemOf", () => {
  it("returns the terms that a price was sold under, whatever the catalogue says today", async () => {
    await database.db.insert(catalogPrice).values({
      priceId: "price_2023",
      currency: "usd",
      amount: 790,
      item: "pro-monthly",
      version: 1,
      kind: "subscription",
      owner: "pro",
      tier: 1,
      interval: "month",
      credits: 600,
      createdAt: now(),
    });
    const prices = process();
    await prices.resolve(["price_2023"]);
    expect(prices.itemOf("price_2023")).toMatchObject({
      id: "pro-monthly",
      creditsPerMonth: 600,
      amounts: { usd: 790 },
    });
  });

  it("returns null for a price that is not ours", async () => {
    const foreign = await createPrice({ app: "other" });
    const prices = process();
    await prices.resolve([foreign, "price_nowhere", null, undefined]);
    expect(prices.itemOf(foreign)).toBeNull();
    expect(prices.itemOf("price_nowhere")).toBeNull();
    expect(prices.itemOf(null)).toBeNull();
  });

  it("throws for a price that was not resolved", () => {
    expect(() => process().itemOf("price_lifetime")).toThrow("was not resolved");
  });

  it("adopts a price that a variable of an earlier version names", async () => {
    const priceId = await createPrice({}, 890);
    const prices = process([{ priceId, item: "pro-monthly" }]);
    await prices.adoptAll(ITEMS);
    const later = process();
    await later.resolve([priceId]);
    expect(later.itemOf(priceId)).toMatchObject({ id: "pro-monthly", amounts: { usd: 890 } });
  });

  it("refuses to adopt a price that is charged in another interval than its item", async () => {
    const monthly = await createPrice({}, 990);
    for (const id of ["pro-yearly", "lifetime", "pack-basic"]) {
      const prices = process([{ priceId: monthly, item: id }]);
      await expect(prices.adoptAll([])).rejects.toMatchObject({
        errors: [expect.any(UnknownTerms)],
      });
    }
    expect(
      await database.db.select().from(catalogPrice).where(eq(catalogPrice.priceId, monthly)),
    ).toEqual([]);
  });

  it("knows one of our prices with unknown terms only once they are stored", async () => {
    const mark = { app: "qiflow", item: "pro-monthly", version: "2", terms: "0123456789ab" };
    const priceId = await createPrice(mark);
    const prices = process();
    await prices.resolve([priceId]);
    expect(prices.itemOf(priceId)).toBeNull();
    const [monthly] = await database.db
      .select()
      .from(catalogPrice)
      .where(eq(catalogPrice.priceId, "price_pro_monthly"));
    if (monthly === undefined) return expect.fail();
    await database.db.insert(catalogPrice).values({ ...monthly, priceId, credits: 800 });
    await prices.resolve([priceId]);
    expect(prices.itemOf(priceId)).toMatchObject({ creditsPerMonth: 800 });
  });

  it("stores the terms once when many processes meet a price at the same time", async () => {
    const { terms } = (await stripe.prices.retrieve("price_pro_monthly")).metadata;
    const mark = { app: "qiflow", item: "pro-monthly", version: "3", terms: terms ?? "" };
    const priceId = await createPrice(mark, 990);
    await Promise.all(Array.from({ length: 10 }, () => process().resolve([priceId])));
    const rows = await database.db
      .select()
      .from(catalogPrice)
      .where(eq(catalogPrice.priceId, priceId));
    expect(rows).toMatchObject([{ version: 3, currency: "usd", amount: 990, credits: 1000 }]);
  });
});

describe("catalog_price", () => {
  it("cannot be changed by the application", async () => {
    await expect(
      database.db.update(catalogPrice).set({ credits: 1 }).where(eq(catalogPrice.credits, 1000)),
    ).rejects.toThrow();
    await expect(database.db.delete(catalogPrice)).rejects.toThrow();
  });
});
