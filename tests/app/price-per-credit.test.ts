import { describe, expect, it } from "vitest";
import { formatPricePerCredit } from "@/app/purchase/price-per-credit";
import { listPacks } from "@/catalog/items";

describe("formatPricePerCredit", () => {
  it("shows four decimals, which fall with the size of the pack", () => {
    const prices = listPacks().map(({ amounts, credits }) =>
      formatPricePerCredit({ amount: amounts.usd ?? 0, credits }, "en"),
    );
    expect(prices).toEqual(["US$0.0990", "US$0.0745", "US$0.0698", "US$0.0599"]);
  });
});
