import { describe, expect, it } from "vitest";
import { createPriceCatalogue } from "@/billing/catalog";
import { findItem, ITEMS } from "@/catalog/items";

describe("createPriceCatalogue", () => {
  const build = (retired: string, changes: Record<string, string> = {}) =>
    createPriceCatalogue({
      current: { ...Object.fromEntries(ITEMS.map(({ id }) => [id, `price_${id}`])), ...changes },
      retired,
    });

  it("maps current and retired prices to items and unknown prices to null", () => {
    const catalogue = build("price_old=pro-monthly, price_older=lifetime");
    for (const { id } of ITEMS) {
      expect(catalogue.itemOf(catalogue.priceOf(id))).toEqual(findItem(id));
    }
    expect(catalogue.itemOf("price_old")?.id).toBe("pro-monthly");
    expect(catalogue.itemOf("price_older")?.id).toBe("lifetime");
    expect(catalogue.priceOf("lifetime")).toBe("price_lifetime");
    expect(catalogue.itemOf("price_unknown")).toBeNull();
    expect(catalogue.itemOf(null)).toBeNull();
  });

  it("throws for a price with two items and for a malformed list", () => {
    expect(() => build("", { lifetime: "price_pack-basic" })).toThrow(/two items/);
    expect(() => build("price_lifetime=pack-basic")).toThrow(/two items/);
    expect(() => build("price_old")).toThrow(/STRIPE_RETIRED_PRICES/);
    expect(() => build("price_old=free")).toThrow(/STRIPE_RETIRED_PRICES/);
  });
});
