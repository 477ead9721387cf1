import { describe, expect, it } from "vitest";
import { formatPricePerCredit } from "@/app/purchase/price-per-credit";
import { PACK_IDS, PACKS } from "@/catalog/catalog";

describe("formatPricePerCredit", () => {
  it("shows four decimals, which fall with the size of the pack", () => {
    const prices = PACK_IDS.map((id) => formatPricePerCredit(PACKS[id], "en"));
    expect(prices).toEqual(["US$0.0990", "US$0.0745", "US$0.0698", "US$0.0599"]);
  });
});
