import { describe, expect, it } from "vitest";
import { createPriceCatalogue, ITEM_IDS, itemById } from "@/billing/catalog";

describe("createPriceCatalogue", () => {
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

  it("maps current and retired prices to items and unknown prices to null", () => {
    const catalogue = build("price_old=pro-monthly, price_older=lifetime");
    for (const id of ITEM_IDS)
      expect(catalogue.itemOf(catalogue.priceOf(id))).toEqual(itemById(id));
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
