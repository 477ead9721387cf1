import { describe, expect, it } from "vitest";
import { formatPricePerCredit } from "@/app/purchase/price-per-credit";
import { listPacks } from "@/catalog/items";

describe("formatPricePerCredit", () => {
  it("shows four decimals, which fall with the size of the pack", () => {
    const prices = listPacks().map(({ amounts, credits }) =>
      formatPricePerCredit({ amount: amounts.usd ?? 0, currency: "usd", credits }, "en"),
    );
    expect(prices).toEqual(["US$0.0990", "US$0.0745", "US$0.0698", "US$0.0599"]);
  });

  it.each([
    ["jpy", "JP¥15.00"],
    ["kwd", "KWD 0.01500"],
  ])("adds two decimals to those of %s", (currency, expected) => {
    const price = formatPricePerCredit({ amount: 1500, currency, credits: 100 }, "en");
    expect(price.replaceAll("\u00a0", " ")).toBe(expected);
  });
});
