import { createHash } from "node:crypto";
import { findPlan, type Item } from "@/catalog/items";
import type { catalogPrice } from "@/db/schema";

/** A row of `catalog_price`: what a price grants, in one of its currencies. */
export type PriceRow = typeof catalogPrice.$inferSelect;

/**
 * Identifies the terms of an item, without its amounts. Prices at Stripe carry it in their metadata,
 * so that a price is never taken for one with other terms. Tiers only order plans and may change. A plan
 * without a grace of its own has the digest that it had before plans could have one.
 */
export function termsDigest(item: Item): string {
  const { kind, interval, credits, expireDays, trialDays, trialCredits, graceHours } =
    columnsOf(item);
  const terms = [kind, interval, credits, expireDays, trialDays, trialCredits];
  if (graceHours !== null) terms.push(graceHours);
  return createHash("sha256").update(JSON.stringify(terms)).digest("hex").slice(0, 12);
}

/** Whether a price grants what the catalogue's item grants, at the same amounts. */
export function isSameOffer(sold: Item, today: Item): boolean {
  const currencies = Object.keys(today.amounts);
  return (
    termsDigest(sold) === termsDigest(today) &&
    currencies.every((currency) => sold.amounts[currency] === today.amounts[currency])
  );
}

/** The rows that store a price's terms, one for each currency. */
export function rowsOf(price: { priceId: string; version: number; item: Item }, now: Date) {
  const { priceId, version, item } = price;
  return Object.entries(item.amounts).map(([currency, amount]) => ({
    priceId,
    currency,
    amount,
    item: item.id,
    version,
    ...columnsOf(item),
    createdAt: now,
  }));
}

/**
 * Restores the item that a price was sold as. A plan's tier is today's while the catalogue has the plan.
 * @throws if the rows describe no item, which the table's constraints prevent
 */
export function itemOfRows(rows: readonly PriceRow[]): Item | null {
  const [row] = rows;
  if (row === undefined) return null;
  const amounts = Object.fromEntries(rows.map(({ currency, amount }) => [currency, amount]));
  const { item: id, kind, owner, interval, credits, expireDays } = row;
  if (kind === "pack") {
    const pack = { packId: owner, credits, expireDays, popular: false, amounts };
    return { kind, interval: null, id, ...pack };
  }
  const tier = findPlan(owner)?.tier ?? row.tier ?? 0;
  const { graceHours } = row;
  const plan = { id, planId: owner, tier, creditsPerMonth: credits, graceHours, amounts };
  if (kind === "lifetime") return { kind, interval: "once", ...plan };
  if (kind !== "subscription" || (interval !== "month" && interval !== "year")) {
    throw new Error(`Price ${row.priceId} is stored with the terms of no item.`);
  }
  const { trialDays: days, trialCredits } = row;
  const trial = days === null || trialCredits === null ? null : { days, credits: trialCredits };
  return { kind, interval, trial, ...plan };
}

/** What `quantity` of a price cost and grant, in one currency. */
export interface SoldTerms {
  readonly amountCents: number;
  readonly currency: string;
  /** Of a month for a plan, in all for a pack. */
  readonly credits: number;
  readonly interval: "month" | "year" | "once" | null;
}

/** Returns what `quantity` units of a stored price cost and grant. */
export function soldTerms(row: PriceRow, quantity: number): SoldTerms {
  const { amount, currency, credits, interval } = row;
  return { amountCents: amount * quantity, currency, credits: credits * quantity, interval };
}

function columnsOf(item: Item) {
  if (item.kind === "pack") {
    const { kind, packId: owner, credits, expireDays } = item;
    return { kind, owner, credits, expireDays, ...NO_PLAN };
  }
  const { kind, interval, planId: owner, tier, creditsPerMonth: credits, graceHours } = item;
  const trial = item.kind === "subscription" ? item.trial : null;
  const { days: trialDays = null, credits: trialCredits = null } = trial ?? {};
  const plan = { tier, interval, graceHours, trialDays, trialCredits };
  return { kind, owner, credits, expireDays: null, ...plan };
}

const NO_PLAN = {
  tier: null,
  interval: null,
  graceHours: null,
  trialDays: null,
  trialCredits: null,
};
