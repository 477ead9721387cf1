// Not `getFeature`, which throws for an unknown feature: here that is the client's error.
import { findFeature, type PaidFeature } from "@/catalog/items";
import { costOfUnits, type Rate, type RateCard, rateOf, UnpricedUse } from "@/catalog/rate-card";
import type { Usage } from "@/ledger/debit";
import type { Overrun } from "@/ledger/hold";
import { overrunOf } from "@/product/hold-terms";
import { InvalidRequest } from "./errors";

/** The most credits of one spend or hold. */
const MAX_COST = 1_000_000_000;

/** What a request says about its cost. */
export interface Priced {
  readonly feature?: string | undefined;
  readonly amount?: number | undefined;
  readonly units?: Readonly<Record<string, number>> | undefined;
  readonly model?: string | undefined;
  readonly tier?: string | undefined;
}

export interface Cost {
  readonly amount: number;
  /** The rate of the feature's rate card, which a hold keeps for its capture. */
  readonly rate: Rate | undefined;
  readonly overrun: Overrun;
}

/**
 * The credits of a request: its amount, the price of its units, or the cost of its feature. A feature
 * with a rate card needs units or an amount, except where an `estimate` is enough.
 * @throws InvalidRequest for an unknown feature, model, tier or unit
 */
export function costOf(body: Priced, { estimate }: { estimate: boolean }): Cost {
  const feature = body.feature === undefined ? null : featureOf(body.feature);
  const overrun = overrunOf(feature);
  if (feature?.rateCard != null) {
    return { ...pricedCost({ ...feature, rateCard: feature.rateCard }, body, estimate), overrun };
  }
  for (const field of ["units", "model", "tier"] as const) {
    if (body[field] === undefined) continue;
    throw new InvalidRequest(`\`${field}\` is only for a feature with a rate card.`, { field });
  }
  const amount = body.amount ?? feature?.cost;
  if (amount === undefined) throw new InvalidRequest("Give `feature` or `amount`.");
  return { amount, rate: undefined, overrun };
}

/** What a request says about its use, as the ledger stores and compares it. */
export function usageOf({ model, tier, units }: Priced): { usage?: Usage } {
  const isNamed = model !== undefined || tier !== undefined || units !== undefined;
  return isNamed ? { usage: { model, tier, units } } : {};
}

/**
 * The credits for units at a rate.
 * @throws InvalidRequest for an unknown unit, or if nothing with a price was used
 */
export function priceOf(rate: Rate, units: Readonly<Record<string, number>>): number {
  const amount = asRequest(() => costOfUnits(rate, units));
  if (amount === 0) {
    throw new InvalidRequest("`units`: nothing that costs credits was used.", { field: "units" });
  }
  return amount;
}

function featureOf(id: string): PaidFeature {
  const feature = findFeature(id);
  if (feature !== null) return feature;
  throw new InvalidRequest(`The catalogue has no feature "${id}".`, { field: "feature" });
}

function pricedCost(
  { rateCard: card, cost }: { rateCard: RateCard; cost: number },
  body: Priced,
  estimate: boolean,
): Pick<Cost, "amount" | "rate"> {
  const { amount, units, model, tier } = body;
  if (units === undefined && amount !== undefined) {
    const isRateKnown = model !== undefined || Object.keys(card.rates).length === 1;
    return { amount, rate: isRateKnown ? asRequest(() => rateOf(card, body)) : undefined };
  }
  if (units === undefined && !estimate) {
    throw new InvalidRequest("`units`: say what was used.", { field: "units" });
  }
  if (units === undefined && model === undefined && tier === undefined) {
    return { amount: cost, rate: rateOf(card, card.typical) };
  }
  const rate = asRequest(() => rateOf(card, units ? body : { ...card.typical, ...body }));
  const price = priceOf(rate, units ?? card.typical.units);
  if (price > MAX_COST) {
    throw new InvalidRequest("`units`: they cost more than a billion credits.", { field: "units" });
  }
  return { amount: price, rate };
}

function asRequest<Value>(price: () => Value): Value {
  try {
    return price();
  } catch (error) {
    if (!(error instanceof UnpricedUse)) throw error;
    throw new InvalidRequest(`\`${error.field}\`: ${error.message}`, { field: error.field });
  }
}
