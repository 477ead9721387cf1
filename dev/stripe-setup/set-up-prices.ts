import Stripe from "stripe";
import { amountsOf, lookupKeyOf, OUR_MARK } from "@/billing/prices/prices";
import { termsDigest } from "@/billing/prices/terms";
import { catalog } from "@/catalog/catalog";
import { findPlan, ITEMS, type Item, itemName } from "@/catalog/items";

/** A difference between Stripe and the catalogue, and how to remove it. */
export interface Change {
  /** One line of the diff: `+ price of pro-monthly: 9.90 USD a month`. */
  readonly text: string;
  readonly apply: () => Promise<unknown>;
}

/**
 * Compares products and prices at Stripe with the catalogue. A price never changes its terms or amounts:
 * a difference makes a new version, which takes over the lookup key, and deactivates the old one. Existing
 * subscribers keep the old price and its terms. A further currency is added to the price; a currency that
 * the catalogue drops stays for its subscribers.
 */
export async function planPrices(stripe: Stripe): Promise<Change[]> {
  const changes: Change[] = [];
  const products = new Map(ITEMS.map((item) => [productOf(item).id, productOf(item)]));
  for (const product of products.values()) changes.push(...(await planProduct(stripe, product)));
  for (const item of ITEMS) changes.push(...(await planPrice(stripe, item)));
  return changes;
}

/** A plan's prices belong to one product, a pack's price to its own. */
export function productOf(item: Item): { id: string; name: string } {
  const id = item.kind === "pack" ? item.id : item.planId;
  const name = item.kind === "pack" ? itemName(id, "en") : (findPlan(id)?.name.en ?? id);
  return { id: `qiflow_${id.replaceAll("-", "_")}`, name: `QiFlow ${name}` };
}

async function planProduct(
  stripe: Stripe,
  { id, name }: { id: string; name: string },
): Promise<Change[]> {
  const found = await findProduct(stripe, id);
  if (found === null) {
    const create = () => stripe.products.create({ id, name, metadata: OUR_MARK });
    return [{ text: `+ product ${id}: ${name}`, apply: create }];
  }
  if (found.active && found.name === name) return [];
  const update = () => stripe.products.update(id, { active: true, name });
  return [{ text: `~ product ${id}: ${found.name} → ${name}`, apply: update }];
}

async function findProduct(stripe: Stripe, id: string): Promise<Stripe.Product | null> {
  try {
    return await stripe.products.retrieve(id);
  } catch (error) {
    const isMissing =
      error instanceof Stripe.errors.StripeError && error.code === "resource_missing";
    if (!isMissing) throw error;
    return null;
  }
}

async function planPrice(stripe: Stripe, item: Item): Promise<Change[]> {
  const all = await listPrices(stripe, item);
  const current = all.find((price) => price.active && price.lookup_key === lookupKeyOf(item));
  const kept = current !== undefined && isSame(current, item) ? current : undefined;
  const added = kept === undefined ? {} : addedAmounts(kept, item);
  const changes: Change[] = [];
  if (kept === undefined) {
    const version = 1 + Math.max(0, ...all.map(({ metadata }) => Number(metadata.version ?? 1)));
    const create = () => stripe.prices.create(paramsOf(item, version));
    changes.push({
      text: `+ price of ${item.id}, version ${version}: ${offerOf(item)}`,
      apply: create,
    });
  } else if (kept.metadata.terms === undefined) {
    const metadata = { ...OUR_MARK, item: item.id, version: "1", terms: termsDigest(item) };
    const mark = () => stripe.prices.update(kept.id, { metadata });
    changes.push({ text: `~ price ${kept.id}: is version 1 of ${item.id}`, apply: mark });
  }
  if (kept !== undefined && Object.keys(added).length > 0) {
    // All options, so that it does not matter whether Stripe merges or replaces them.
    const amounts = { ...amountsOf(kept), ...added };
    const currency_options = optionsOf(amounts, kept.currency);
    const add = () => stripe.prices.update(kept.id, { currency_options });
    changes.push({
      text: `~ price ${kept.id} of ${item.id}: adds ${listAmounts(added)}`,
      apply: add,
    });
  }
  for (const { id, active } of all.filter((price) => price !== kept)) {
    if (!active) continue;
    const retire = () => stripe.prices.update(id, { active: false });
    changes.push({ text: `- price ${id} of ${item.id}: no longer sold`, apply: retire });
  }
  return changes;
}

/** Every price of an item, current or former. */
async function listPrices(stripe: Stripe, item: Item): Promise<Stripe.Price[]> {
  const expand = ["data.currency_options"];
  const [ours, keyed] = await Promise.all([
    stripe.prices
      .list({ product: productOf(item).id, limit: 100, expand })
      .autoPagingToArray({ limit: 1000 }),
    stripe.prices.list({ lookup_keys: [lookupKeyOf(item)], expand }),
  ]);
  const own = ours.filter(({ metadata }) => metadata.item === item.id);
  const others = keyed.data.filter(({ id }) => own.every((price) => price.id !== id));
  return [...own, ...others];
}

/** Whether the price sells the item, if currencies that it lacks are added. */
function isSame(price: Stripe.Price, item: Item): boolean {
  const shared = Object.entries(amountsOf(price)).filter(([one]) => one in item.amounts);
  return (
    [undefined, termsDigest(item)].includes(price.metadata.terms) &&
    (price.recurring?.interval ?? "once") === (item.interval ?? "once") &&
    price.currency in item.amounts &&
    shared.every(([currency, amount]) => amount === item.amounts[currency])
  );
}

/** The catalogue's amounts in currencies that the price lacks. */
function addedAmounts(price: Stripe.Price, item: Item): Record<string, number> {
  const found = amountsOf(price);
  return Object.fromEntries(Object.entries(item.amounts).filter(([one]) => !(one in found)));
}

function paramsOf(item: Item, version: number): Stripe.PriceCreateParams {
  const { currency } = catalog;
  const currency_options = optionsOf(item.amounts, currency);
  return {
    product: productOf(item).id,
    currency,
    unit_amount: item.amounts[currency] ?? 0,
    ...(Object.keys(currency_options).length > 0 && { currency_options }),
    lookup_key: lookupKeyOf(item),
    transfer_lookup_key: true,
    metadata: { ...OUR_MARK, item: item.id, version, terms: termsDigest(item) },
    ...(item.kind === "subscription" ? { recurring: { interval: item.interval } } : {}),
  };
}

/** The amounts in all currencies but the price's own. */
function optionsOf(amounts: Readonly<Record<string, number>>, own: string) {
  const others = Object.entries(amounts).filter(([currency]) => currency !== own);
  return Object.fromEntries(others.map(([currency, unit_amount]) => [currency, { unit_amount }]));
}

function offerOf(item: Item): string {
  const credits =
    item.kind === "pack" ? `${item.credits} credits` : `${item.creditsPerMonth} credits a month`;
  return `${listAmounts(item.amounts)}, ${credits}`;
}

function listAmounts(amounts: Readonly<Record<string, number>>): string {
  return Object.entries(amounts)
    .map(([currency, amount]) => `${amount} ${currency.toUpperCase()} (minor units)`)
    .join(", ");
}
