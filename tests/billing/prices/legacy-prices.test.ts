import { describe, expect, it } from "vitest";
import { readLegacyPrices } from "@/billing/prices/legacy-prices";

describe("readLegacyPrices", () => {
  it("reads the variables of current and of retired prices", () => {
    expect(
      readLegacyPrices({
        STRIPE_PRICE_PRO_MONTHLY: "price_1",
        STRIPE_PRICE_PACK_BASIC: "",
        STRIPE_RETIRED_PRICES: "price_2=pro-monthly, price_3=lifetime",
      }),
    ).toEqual([
      { priceId: "price_1", item: "pro-monthly" },
      { priceId: "price_2", item: "pro-monthly" },
      { priceId: "price_3", item: "lifetime" },
    ]);
  });

  it("returns nothing if no variable is set", () => {
    expect(readLegacyPrices({})).toEqual([]);
  });

  it("throws for a malformed list and for a price with two items", () => {
    const retired = (list: string) => () => readLegacyPrices({ STRIPE_RETIRED_PRICES: list });
    expect(retired("price_old")).toThrow(/price_id=item/);
    expect(retired("price_old=free")).toThrow(/where item is one of pro-monthly/);
    expect(retired("price_1=lifetime, price_1=pack-basic")).toThrow("belongs to two items");
  });
});
