import { z } from "zod";

/** Decimal places of a rate. */
const PLACES = 9;
const ONE = 10n ** BigInt(PLACES);

/** Exact: a text, because a number such as 0.1 is a binary fraction. */
const decimal = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,9})?$/, 'must be a decimal in quotes, such as "0.15"');
/** The name of a model, tier or unit. */
export const rateName = z
  .string()
  .regex(/^[A-Za-z0-9][\w.:/-]{0,59}$/, "must be a name such as gpt-4.1 or input-token");
export const units = z
  .record(rateName, z.int().min(0).max(1_000_000_000_000))
  .refine((counts) => Object.keys(counts).length > 0, "must name at least one unit")
  .refine((counts) => Object.keys(counts).length <= 20, "must name at most 20 units");

/** What a feature costs: units × rate, by model and tier, plus a markup. */
export const rateCard = z.strictObject({
  /** How many units a rate pays for: 1000000 if rates are for a million tokens. */
  per: z.int().positive().default(1),
  /** Credits for `per` units, by model and unit. */
  rates: z.record(rateName, z.record(rateName, decimal)),
  /** Factors on the rates by service tier, such as `{ batch: "0.5" }`. Without a tier: 1. */
  tiers: z.record(rateName, decimal).default({}),
  /** Percent added to everything. */
  markupPercent: decimal.default("0"),
  /** One usual use. The estimate where no units are named, and what pages call the cost. */
  typical: z.strictObject({
    model: rateName.optional(),
    tier: rateName.optional(),
    units,
  }),
});
export type RateCard = z.output<typeof rateCard>;

/** The line of a rate card that applies to one model and tier. Holds keep it for their capture. */
export const rate = z.strictObject({
  model: rateName.nullable(),
  tier: rateName.nullable(),
  per: z.int().positive(),
  rates: z.record(rateName, decimal),
  factor: decimal,
  markupPercent: decimal,
});
export type Rate = z.output<typeof rate>;

/** The rate card has no price for a use. `field` is the part of the use at fault. */
export class UnpricedUse extends Error {
  readonly field: "model" | "tier" | "units";

  constructor(field: UnpricedUse["field"], message: string) {
    super(message);
    this.name = "UnpricedUse";
    this.field = field;
  }
}

/**
 * The rate of a model and tier. The model may be left out if the card has only one.
 * @throws UnpricedUse
 */
export function rateOf(
  { rates, tiers, per, markupPercent }: RateCard,
  { model, tier }: { readonly model?: string | undefined; readonly tier?: string | undefined },
): Rate {
  const models = Object.keys(rates);
  const named = model ?? (models.length === 1 ? models[0] : undefined);
  const ofModel = named === undefined ? undefined : own(rates, named);
  if (ofModel === undefined) {
    const what = model === undefined ? "Name a model" : `There is no model "${model}"`;
    throw new UnpricedUse("model", `${what}: ${models.join(", ")}.`);
  }
  const factor = tier === undefined ? "1" : own(tiers, tier);
  if (factor === undefined) {
    const known = Object.keys(tiers).join(", ") || "none";
    throw new UnpricedUse("tier", `There is no tier "${tier}": ${known}.`);
  }
  return { model: model ?? null, tier: tier ?? null, per, rates: ofModel, factor, markupPercent };
}

/**
 * The whole credits for units: the exact sum, rounded up once. 0 only if nothing with a price was used.
 * @throws UnpricedUse for an unknown unit, or a cost beyond exact whole numbers
 */
export function costOfUnits(
  { rates, per, factor, markupPercent }: Rate,
  used: Readonly<Record<string, number>>,
): number {
  let sum = 0n;
  for (const [unit, quantity] of Object.entries(used)) {
    const price = own(rates, unit);
    if (price === undefined) {
      throw new UnpricedUse(
        "units",
        `There is no unit "${unit}": ${Object.keys(rates).join(", ")}.`,
      );
    }
    sum += BigInt(quantity) * scaled(price);
  }
  const numerator = sum * scaled(factor) * (100n * ONE + scaled(markupPercent));
  const denominator = BigInt(per) * ONE * ONE * 100n * ONE;
  const cost = Number((numerator + denominator - 1n) / denominator);
  if (!Number.isSafeInteger(cost)) throw new UnpricedUse("units", "The units cost too much.");
  return cost;
}

/** The cost of the typical use. */
export function typicalCostOf(card: RateCard): number {
  return costOfUnits(rateOf(card, card.typical), card.typical.units);
}

/** A decimal in units of 10^-9. */
function scaled(text: string): bigint {
  const [whole = "0", fraction = ""] = text.split(".");
  return BigInt(whole) * ONE + BigInt(fraction.padEnd(PLACES, "0"));
}

/** A property that is not inherited: `constructor` is no model. */
function own<Value>(record: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
