import { describe, expect, it } from "vitest";
import { decimalAmount } from "@/lib/currencies";

describe("decimalAmount", () => {
  it.each([
    [50_000, "isk", "500"],
    [50_000, "ugx", "500"],
    [500, "jpy", "500"],
    [1_234, "kwd", "1.234"],
    [199_000, "huf", "1990.00"],
    [990, "usd", "9.90"],
    [-6_800, "cny", "-68.00"],
  ])("writes %i %s as %s", (amountCents, currency, expected) => {
    expect(decimalAmount(amountCents, currency)).toBe(expected);
  });
});
