import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { costOfUnits, type Rate, rateCard, rateOf } from "@/catalog/rate-card";

const card = rateCard.parse({
  per: 1_000,
  rates: {
    large: { input: "0.1", output: "0.000000001" },
    small: { input: "0.333333333", output: "2" },
  },
  tiers: { batch: "0.5", free: "0" },
  markupPercent: "12.5",
  typical: { model: "small", units: { input: 10 } },
});

const quantity = fc.integer({ min: 0, max: 1_000_000_000 });
const units = fc.record({ input: quantity, output: quantity });
const rate = fc
  .record({
    model: fc.constantFrom("large", "small"),
    tier: fc.constantFrom(undefined, "batch"),
  })
  .map((use) => rateOf(card, use));

describe("costOfUnits", () => {
  it("adds the units exactly and rounds up once", () => {
    const tenth: Rate = { ...rateOf(card, { model: "large" }), markupPercent: "0" };
    // Ten times 0.1 is exactly 1, which binary fractions miss.
    expect(costOfUnits(tenth, { input: 10_000 })).toBe(1);
    expect(costOfUnits(tenth, { input: 10_001 })).toBe(2);
    expect(costOfUnits(tenth, { input: 10_000, output: 1 })).toBe(2);
    expect(costOfUnits(tenth, { input: 5_000, output: 0 })).toBe(1);
  });

  it("applies the tier's factor and the markup before rounding", () => {
    const batch = rateOf(card, { model: "small", tier: "batch" });
    // 8 × 2 × 0.5 × 1.125 = 9 exactly.
    expect(costOfUnits(batch, { output: 8_000 })).toBe(9);
    expect(costOfUnits(rateOf(card, { model: "small", tier: "free" }), { output: 8_000 })).toBe(0);
  });

  it("never decreases when more is used", () => {
    fc.assert(
      fc.property(rate, units, units, (at, a, b) => {
        const sum = { input: a.input + b.input, output: a.output + b.output };
        expect(costOfUnits(at, sum)).toBeGreaterThanOrEqual(costOfUnits(at, a));
      }),
    );
  });

  it("costs at most one credit per part more when a use is split", () => {
    fc.assert(
      fc.property(rate, fc.array(units, { minLength: 1, maxLength: 8 }), (at, parts) => {
        const total = parts.reduce((sum, part) => ({
          input: sum.input + part.input,
          output: sum.output + part.output,
        }));
        const whole = costOfUnits(at, total);
        const split = parts.reduce((sum, part) => sum + costOfUnits(at, part), 0);
        expect(split).toBeGreaterThanOrEqual(whole);
        expect(split - whole).toBeLessThan(parts.length);
      }),
    );
  });

  it("refuses a unit without a price, also an inherited name", () => {
    const at = rateOf(card, { model: "large" });
    for (const unit of ["minute", "constructor", "toString"])
      expect(() => costOfUnits(at, { [unit]: 1 })).toThrow(
        `There is no unit "${unit}": input, output.`,
      );
  });

  it("refuses a cost that is no exact whole number", () => {
    const dear: Rate = { ...rateOf(card, { model: "small" }), rates: { input: "999999999" } };
    expect(() => costOfUnits(dear, { input: 1_000_000_000_000 })).toThrow("cost too much");
  });
});

describe("rateOf", () => {
  it("names the models and tiers that exist", () => {
    expect(() => rateOf(card, {})).toThrow("Name a model: large, small.");
    expect(() => rateOf(card, { model: "constructor" })).toThrow(
      'There is no model "constructor": large, small.',
    );
    expect(() => rateOf(card, { model: "large", tier: "urgent" })).toThrow(
      'There is no tier "urgent": batch, free.',
    );
  });

  it("takes the only model of a card", () => {
    const single = rateCard.parse({
      rates: { standard: { minute: "1" } },
      typical: { units: { minute: 1 } },
    });
    expect(rateOf(single, {})).toMatchObject({ model: null, rates: { minute: "1" } });
  });
});
